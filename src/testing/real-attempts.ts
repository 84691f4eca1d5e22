import { join } from "node:path";
import type { PipelineDefinition, TaskFunctions } from "../core/definition.ts";
import { doneReason } from "../core/done-reason.ts";
import { parseJson } from "../core/serialize-value.ts";
import { taskRunName } from "../core/shown-task-runs.ts";
import type { TaskContext } from "../core/task-context.ts";
import type { BlobStore } from "../execution/blobs.ts";
import type { AttemptOrder, AttemptReport, AttemptResult, InputValue } from "../execution/executor.ts";
import { type AttemptContext, attemptContext } from "../execution/pool/attempt-context.ts";
import { attemptInputs } from "../execution/pool/attempt-inputs.ts";
import { askCacheKey } from "../execution/pool/cache-key.ts";
import type { InputFact, LoadOrder, TaskFacts } from "../execution/pool/messages.ts";
import { askRetryCode } from "../execution/pool/retry-code.ts";
import { type AttemptOutcome, askFirst, runAttempt } from "../execution/pool/run-attempt.ts";
import { taskLog } from "../execution/pool/task-log.ts";
import { localFiles } from "../ports/files.ts";
import type { StubFunction } from "./stub.ts";
import { SubprocessAttempts } from "./subprocess-attempts.ts";

export interface RealAttemptsOptions {
  readonly pipeline: PipelineDefinition;
  readonly projectDir: string;
  readonly blobs: BlobStore;
  readonly connections: Readonly<Record<string, string>>;
}

/**
 * Runs attempts for real and keeps what they log: functions in the test's own process, as a task process would, and
 * commands as subprocesses.
 */
export class RealAttempts {
  readonly #options: RealAttemptsOptions;
  readonly #log = new Map<string, string[]>();
  #subprocesses: SubprocessAttempts | undefined;

  constructor(options: RealAttemptsOptions) {
    this.#options = options;
  }

  /** Lines logged by a task run, all attempts, in order: level, space, text. */
  logOf(task: string): readonly string[] {
    return this.#log.get(task) ?? [];
  }

  /** One attempt: of the task's own function, or of the stub that stands in for it. */
  async run(order: AttemptOrder, signal: AbortSignal, stub: StubFunction | undefined): Promise<AttemptReport> {
    const own = this.#options.pipeline.functions.get(order.task.name) ?? {};
    if (order.askOnly) return { result: await this.#ask(order, own) };
    if (order.note !== undefined) this.#linesOf(nameOf(order)).push(`batuta ${order.note}`);
    if (stub === undefined && order.task.execution.via === "process") return this.#runCommand(order, signal, own);
    return this.#runFunction(order, signal, stub === undefined ? own : { ...own, run: stub });
  }

  async close(): Promise<void> {
    await this.#subprocesses?.close();
  }

  async #runCommand(order: AttemptOrder, signal: AbortSignal, own: TaskFunctions): Promise<AttemptReport> {
    if (order.askFirst) {
      const asked = await this.#runFunction(order, signal, { ...own, run: () => null });
      const { result } = asked;
      if (result.kind !== "success" || result.reason !== undefined) return asked;
    }
    this.#subprocesses ??= new SubprocessAttempts(this.#options);
    const lines = this.#linesOf(nameOf(order));
    const report = await this.#subprocesses.run(order, signal, (line) => lines.push(line));
    if (report.result.kind !== "failed" || !order.task.hasRetryCode) return report;
    const { advice } = await askRetryCode(own, { ...report.result.failure, attempt: order.attempt });
    return { ...report, result: { ...report.result, advice } };
  }

  async #runFunction(order: AttemptOrder, signal: AbortSignal, functions: TaskFunctions): Promise<AttemptReport> {
    const attempt = await this.#attempt(order);
    signal.addEventListener("abort", () => attempt.abort("The attempt is being stopped."));
    try {
      const { blobs, projectDir } = this.#options;
      const task = { spec: order.task, functions };
      const outcome = await runAttempt({ task, attempt, ask: order.askFirst, blobs, rootDir: projectDir });
      return { result: await resultOf(outcome, order, functions) };
    } finally {
      attempt.dispose();
    }
  }

  /** What stands before the work, and the key of the cache. */
  async #ask(order: AttemptOrder, functions: TaskFunctions): Promise<AttemptResult> {
    const { projectDir } = this.#options;
    const attempt = await this.#attempt(order);
    try {
      const task = { spec: order.task, functions };
      const ended = order.askFirst ? await askFirst(task, attempt, projectDir) : undefined;
      if (ended !== undefined) return await resultOf(ended, order, functions);
      if (order.task.cache?.key !== "function") return { kind: "asked" };
      const answered = await askCacheKey(functions, attempt.context, projectDir);
      if ("key" in answered) return { kind: "asked", cacheKey: answered.key };
      return { kind: "asked", problem: `its key function gave no key: ${answered.failure.message}` };
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
      log: this.#logFor(nameOf(order)),
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
    const lines = this.#linesOf(task);
    return taskLog((line) => lines.push(line));
  }

  #linesOf(task: string): string[] {
    const lines = this.#log.get(task) ?? [];
    this.#log.set(task, lines);
    return lines;
  }
}

function nameOf({ task, mapKey }: AttemptOrder): string {
  return taskRunName(task.name, mapKey);
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
      if (outcome.doneWhen === true) return { kind: "success", reason: doneReason(order.task.doneWhenAsset) };
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
