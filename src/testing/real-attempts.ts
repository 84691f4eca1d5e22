import { join } from "node:path";
import type { PipelineDefinition, TaskFunctions } from "../core/definition.ts";
import { parseJson } from "../core/serialize-value.ts";
import type { TaskContext } from "../core/task-context.ts";
import type { BlobStore } from "../execution/blobs.ts";
import type { AttemptOrder, AttemptReport, AttemptResult, InputValue } from "../execution/executor.ts";
import { type AttemptContext, attemptContext } from "../execution/pool/attempt-context.ts";
import { attemptInputs } from "../execution/pool/attempt-inputs.ts";
import type { InputFact, LoadOrder, TaskFacts } from "../execution/pool/messages.ts";
import { askRetryCode } from "../execution/pool/retry-code.ts";
import { type AttemptOutcome, runAttempt } from "../execution/pool/run-attempt.ts";
import { taskLog } from "../execution/pool/task-log.ts";
import { localFiles } from "../ports/files.ts";
import type { StubFunction } from "./stub.ts";

export interface RealAttemptsOptions {
  readonly pipeline: PipelineDefinition;
  readonly projectDir: string;
  readonly blobs: BlobStore;
  readonly connections: Readonly<Record<string, string>>;
}

/** Runs task functions in the test's own process, as a task process would, and keeps what they log. */
export class RealAttempts {
  readonly #options: RealAttemptsOptions;
  readonly #log = new Map<string, string[]>();

  constructor(options: RealAttemptsOptions) {
    this.#options = options;
  }

  /** Lines logged by a task, all attempts, in order: level, space, text. */
  logOf(task: string): readonly string[] {
    return this.#log.get(task) ?? [];
  }

  /** One attempt: of the task's own function, or of the stub that stands in for it. */
  async run(order: AttemptOrder, signal: AbortSignal, stub: StubFunction | undefined): Promise<AttemptReport> {
    const own = this.#options.pipeline.functions.get(order.task.name) ?? {};
    const functions: TaskFunctions = stub === undefined ? own : { ...own, run: stub };
    const attempt = await this.#attempt(order);
    signal.addEventListener("abort", () => attempt.abort("The attempt is being stopped."));
    try {
      const { blobs, projectDir } = this.#options;
      const task = { spec: order.task, functions };
      const ask = stub === undefined && order.askDoneWhen;
      const outcome = await runAttempt({ task, attempt, ask, blobs, rootDir: projectDir });
      return { result: await resultOf(outcome, order, functions) };
    } finally {
      attempt.dispose();
    }
  }

  async #attempt(order: AttemptOrder): Promise<AttemptContext> {
    const { blobs, connections } = this.#options;
    const facts: TaskFacts = {
      task: order.task.name,
      runId: order.runId,
      taskRunKey: order.taskRunKey,
      generation: order.generation,
      attempt: order.attempt,
      idempotencyKey: order.idempotencyKey,
      mapKey: order.mapKey,
      input: Object.fromEntries(Object.entries(order.input).map(([name, value]) => [name, inputFact(value)])),
      connections,
    };
    const { runId: id, trigger, interval, timezone, ds, params } = order;
    return attemptContext({
      load: this.#load(order),
      run: { id, trigger, interval, timezone, ds, params },
      facts,
      input: await attemptInputs(facts, order.task, blobs),
      log: this.#logFor(order.task.name),
      files: localFiles,
    });
  }

  #load({ pipeline, pipelineFile, graphHash }: AttemptOrder): LoadOrder {
    const { projectDir } = this.#options;
    const stateDir = join(projectDir, ".batuta");
    return {
      kind: "load",
      rootDir: projectDir,
      pipelineFile,
      pipeline,
      graphHash,
      projectDir,
      blobsDir: join(stateDir, "blobs"),
      tempDir: join(stateDir, "tmp"),
    };
  }

  #logFor(task: string): TaskContext["log"] {
    const lines = this.#log.get(task) ?? [];
    this.#log.set(task, lines);
    return taskLog((line) => lines.push(line));
  }
}

function inputFact({ state, value }: InputValue): InputFact {
  if (value === undefined) return { state };
  return value.kind === "inline" ? { state, value: parseJson(value.json) } : { state, blob: value.hash };
}

async function resultOf(
  outcome: AttemptOutcome,
  order: AttemptOrder,
  functions: TaskFunctions,
): Promise<AttemptResult> {
  switch (outcome.kind) {
    case "success": {
      if (outcome.doneWhen === true) return { kind: "success", reason: "done_when" };
      const materialisations = order.task.outputs.map(({ key }) => ({ asset: key }));
      if (outcome.blob !== undefined)
        return { kind: "success", output: { kind: "blob", ...outcome.blob }, materialisations };
      if (outcome.json === undefined) return { kind: "success", materialisations };
      return { kind: "success", output: { kind: "inline", json: outcome.json }, materialisations };
    }
    case "skipped":
      return outcome;
    case "failed": {
      const { failure, retryAfterMs } = outcome;
      const { advice } = order.task.hasRetryCode
        ? await askRetryCode(functions, { ...failure, attempt: order.attempt })
        : { advice: {} };
      return {
        kind: "failed",
        failure,
        advice: { ...advice, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
      };
    }
  }
}
