import { join } from "node:path";
import type { PipelineDefinition, TaskFunctions } from "../core/definition.ts";
import { doneReason } from "../core/done-reason.ts";
import { parseJson } from "../core/serialize-value.ts";
import { taskRunName } from "../core/shown-task-runs.ts";
import type { TaskContext } from "../core/task-context.ts";
import { BlobLists } from "../execution/blob-lists.ts";
import type { BlobStore } from "../execution/blobs.ts";
import type {
  AttemptOrder,
  AttemptReport,
  AttemptResult,
  InputValue,
  ItemValue,
  PollAnswer,
  PollOrder,
} from "../execution/executor.ts";
import { type AttemptContext, attemptContext } from "../execution/pool/attempt-context.ts";
import { attemptInputs } from "../execution/pool/attempt-inputs.ts";
import { attemptItem } from "../execution/pool/attempt-item.ts";
import { askCacheKey } from "../execution/pool/cache-key.ts";
import type { CursorFact, InputFact, ItemFact, LoadOrder, TaskFacts } from "../execution/pool/messages.ts";
import { runFacts } from "../execution/pool/order-text.ts";
import { askRetryCode } from "../execution/pool/retry-code.ts";
import { type AttemptOutcome, askFirst, runAttempt } from "../execution/pool/run-attempt.ts";
import { taskLog } from "../execution/pool/task-log.ts";
import { needsPreparation, preparedOrder } from "../execution/prepared-order.ts";
import { lateFailure, takePoll } from "../execution/sensors/take-poll.ts";
import { attemptFolder } from "../execution/temp-folders.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import { localFiles } from "../ports/files.ts";
import { AttemptScript, type ScriptedAttempt, type Stub, type StubFunction } from "./stub.ts";
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
  readonly #lists: BlobLists;
  readonly #log = new Map<string, string[]>();
  #subprocesses: SubprocessAttempts | undefined;

  constructor(options: RealAttemptsOptions) {
    this.#options = options;
    this.#lists = new BlobLists(options.blobs, systemClock);
  }

  /** Lines logged by a task run, `load` or `load[3]`, all attempts, in order: level, space, text. */
  logOf(taskRun: string): readonly string[] {
    return this.#log.get(taskRun) ?? [];
  }

  /** One attempt: of the task's own function, or of the stub that stands in for it. */
  async run(order: AttemptOrder, signal: AbortSignal, stub: StubFunction | undefined): Promise<AttemptReport> {
    if (!needsPreparation(order)) return this.#run(order, signal, stub);
    const folder = attemptFolder(this.#load(order).tempDir, order);
    try {
      const { blobs } = this.#options;
      const prepared = await preparedOrder(order, { folder, files: localFiles, blobs, lists: this.#lists });
      return await this.#run(prepared, signal, stub);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { result: { kind: "failed", failure: { reason: "cannot_start", message } } };
    } finally {
      localFiles.remove(folder);
    }
  }

  async #run(order: AttemptOrder, signal: AbortSignal, stub: StubFunction | undefined): Promise<AttemptReport> {
    const own = this.#options.pipeline.functions.get(order.task.name) ?? {};
    if (order.askOnly) return { result: await this.#ask(order, own) };
    if (order.note !== undefined) this.#linesOf(order).push(`batuta ${order.note}`);
    if (stub === undefined && order.task.execution.via === "process") return this.#runCommand(order, signal, own);
    return this.#runFunction(order, signal, stub === undefined ? own : { ...own, run: stub });
  }

  /** One look of a sensor: by its own function, or by what stands in for it. */
  async poll(poll: PollOrder, stub: Stub | undefined, clock: Clock): Promise<PollAnswer> {
    const { order, sensor } = poll;
    const script = stub instanceof AttemptScript ? stub.attempt(poll.number) : undefined;
    if (script?.kind === "hang") return { kind: "error", failure: lateFailure(sensor.pollTimeoutMs) };
    const attempt = await this.#attempt(order);
    try {
      const { answer } = await takePoll({
        look: () => this.#look(poll, stub, attempt.context),
        abort: attempt.abort,
        timeoutMs: sensor.pollTimeoutMs,
        clock,
        keep: { blobs: this.#options.blobs, labelPaths: order.labelPaths },
        rootDir: this.#options.projectDir,
      });
      return answer;
    } finally {
      attempt.dispose();
    }
  }

  #look(poll: PollOrder, stub: Stub | undefined, context: TaskContext): unknown {
    const { order, config, memory, number, now } = poll;
    if (stub instanceof AttemptScript) return enacted(stub.attempt(number));
    if (stub !== undefined) return stub(context);
    return this.#options.pipeline.functions.get(order.task.name)?.poll?.(context, { config, memory, now });
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
    const lines = this.#linesOf(order);
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
      const keep = { blobs, labelPaths: order.labelPaths };
      const outcome = await runAttempt({ task, attempt, ask: order.askFirst, keep, rootDir: projectDir });
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
      ...(order.item === undefined ? {} : { item: itemFact(order.item) }),
      ...(order.cursor === undefined ? {} : { cursor: cursorFact(order.cursor) }),
      input: Object.fromEntries(Object.entries(order.input).map(([name, value]) => [name, inputFact(value)])),
      connections,
    };
    return attemptContext({
      load: this.#load(order),
      run: runFacts(order),
      facts,
      input: await attemptInputs(facts, order.task, { blobs, files: localFiles }),
      item: attemptItem(facts, blobs),
      log: this.#logFor(order),
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

  #logFor(order: AttemptOrder): TaskContext["log"] {
    const lines = this.#linesOf(order);
    return taskLog((line) => lines.push(line));
  }

  #linesOf({ task, mapKey }: AttemptOrder): string[] {
    const name = taskRunName(task.name, mapKey);
    const lines = this.#log.get(name) ?? [];
    this.#log.set(name, lines);
    return lines;
  }
}

function enacted(attempt: ScriptedAttempt): unknown {
  if (attempt.kind === "throw") throw attempt.error;
  return attempt.value;
}

function itemFact(item: ItemValue): ItemFact {
  if (item.kind === "inline") return { value: parseJson(item.json) };
  if (item.kind === "in_blob") throw new Error(`Nobody has looked for item ${item.index} in ${item.hash}.`);
  return { blob: item.hash, offset: item.offset, bytes: item.bytes };
}

function inputFact({ state, value, mapped }: InputValue): InputFact {
  if (mapped?.file !== undefined) return { state, mapped: { file: mapped.file, length: mapped.length } };
  if (value === undefined) return { state };
  return value.kind === "inline" ? { state, value: parseJson(value.json) } : { state, blob: value.hash };
}

function cursorFact({ name, json }: NonNullable<AttemptOrder["cursor"]>): CursorFact {
  return { name, value: parseJson(json) };
}

async function resultOf(
  outcome: AttemptOutcome,
  order: AttemptOrder,
  functions: TaskFunctions,
): Promise<AttemptResult> {
  switch (outcome.kind) {
    case "success": {
      if (outcome.doneWhen === true) return { kind: "success", reason: doneReason(order.task.doneWhenAsset) };
      const made = {
        materialisations: order.task.outputs.map(({ key }) => ({ asset: key })),
        ...(outcome.cursor === undefined ? {} : { cursor: outcome.cursor }),
      };
      if (outcome.blob !== undefined)
        return {
          kind: "success",
          output: { kind: "blob", ...outcome.blob },
          ...made,
          ...(outcome.items === undefined ? {} : { items: outcome.items }),
        };
      if (outcome.json === undefined) return { kind: "success", ...made };
      return { kind: "success", output: { kind: "inline", json: outcome.json }, ...made };
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
