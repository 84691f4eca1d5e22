import { formatDuration } from "../core/duration.ts";
import type { Failure } from "../core/failure.ts";
import type { Json } from "../core/json.ts";
import { BatutaError } from "../core/problem.ts";
import type { TickAnswer } from "../core/schedule/schedule-state.ts";
import { toJsonText } from "../core/serialize-value.ts";
import { taskRunName } from "../core/shown-task-runs.ts";
import type {
  AttemptId,
  AttemptOrder,
  AttemptReport,
  AttemptResult,
  Executor,
  FilesAnswer,
  PipelineCode,
  PollAnswer,
  PollOrder,
  RawParams,
  WantedFiles,
} from "../execution/executor.ts";
import type { Clock } from "../ports/clock.ts";
import type { ScriptedAttempt } from "./stub.ts";

/** How an attempt is enacted: by script, in virtual time, or for real, in real time. */
export type Enactment =
  | { readonly kind: "scripted"; readonly attempt: ScriptedAttempt }
  | { readonly kind: "real"; run(signal: AbortSignal): Promise<AttemptReport> };

const SLOTS = 16;

/** An executor in the test's own process. Time-outs are in virtual time; a stop takes effect at once. */
export class InProcessExecutor implements Executor {
  readonly slots: number;
  readonly #clock: Clock;
  readonly #enact: (order: AttemptOrder) => Enactment;
  readonly #parse: (pipeline: string, raw: RawParams) => Json;
  readonly #open = new Map<string, (failure: Failure) => void>();
  /** Attempts that take real time now, with the names of their task runs. */
  readonly inRealTime = new Map<string, string>();
  /** How a poll of a sensor is enacted; its time-out is in virtual time. */
  onPoll: (poll: PollOrder) => Promise<PollAnswer> = async () => ({ kind: "done" });
  /** What is there when somebody looks for files. */
  onFindFiles: (wanted: WantedFiles) => Promise<FilesAnswer> = async () => ({ kind: "files", print: "", files: [] });
  /** Told of every report. */
  onReport: () => void = () => {};

  /** @param parse gives parameters as the code of a pipeline completes them */
  constructor(
    clock: Clock,
    enact: (order: AttemptOrder) => Enactment,
    parse: (pipeline: string, raw: RawParams) => Json = () => ({}),
    slots: number = SLOTS,
  ) {
    this.slots = slots;
    this.#clock = clock;
    this.#enact = enact;
    this.#parse = parse;
  }

  async parseParams({ pipeline }: PipelineCode, raw: RawParams): Promise<Json> {
    return this.#parse(pipeline, raw);
  }

  /** Tests of pipelines fire no schedules. */
  async nextTicks({ pipeline }: PipelineCode): Promise<TickAnswer> {
    throw new BatutaError("internal", `Nothing here asks the schedules of "${pipeline}".`);
  }

  execute(order: AttemptOrder): Promise<AttemptReport> {
    const aborting = new AbortController();
    return new Promise((resolve) => {
      const cutShort = (result: AttemptResult): void => {
        aborting.abort();
        end({ result });
      };
      const timeout = this.#startTimeout(order, cutShort);
      const end = (report: AttemptReport): void => {
        timeout?.cancel();
        this.#open.delete(nameOf(order));
        this.inRealTime.delete(nameOf(order));
        resolve(report);
        this.onReport();
      };
      this.#open.set(nameOf(order), (failure) => cutShort({ kind: "cancelled", failure }));
      this.#begin(order, aborting.signal, end);
    });
  }

  async poll(poll: PollOrder): Promise<PollAnswer> {
    const name = `poll ${nameOf(poll.order)}`;
    this.inRealTime.set(name, taskRunName(poll.order.task.name, poll.order.mapKey));
    try {
      return await this.onPoll(poll);
    } finally {
      this.inRealTime.delete(name);
      this.onReport();
    }
  }

  async findFiles(wanted: WantedFiles): Promise<FilesAnswer> {
    return this.onFindFiles(wanted);
  }

  stop(order: AttemptId): void {
    this.#open.get(nameOf(order))?.({ reason: "cancelled", message: "The attempt was cancelled." });
  }

  async close(): Promise<void> {
    for (const cancel of this.#open.values()) cancel({ reason: "cancelled", message: "The engine was stopped." });
  }

  #begin(order: AttemptOrder, signal: AbortSignal, end: (report: AttemptReport) => void): void {
    const enactment = this.#enact(order);
    if (enactment.kind === "real") {
      this.inRealTime.set(nameOf(order), taskRunName(order.task.name, order.mapKey));
      void enactment.run(signal).then(end);
      return;
    }
    const { attempt } = enactment;
    if (attempt.kind !== "hang") this.#clock.after(attempt.durationMs, () => end({ result: scriptedResult(attempt) }));
  }

  #startTimeout(order: AttemptOrder, end: (result: AttemptResult) => void) {
    const { timeoutMs } = order.task;
    if (timeoutMs === undefined) return undefined;
    const message = `The attempt ran longer than its time-out of ${formatDuration(timeoutMs)}.`;
    return this.#clock.after(timeoutMs, () => end({ kind: "failed", failure: { reason: "timeout", message } }));
  }
}

function nameOf({ taskRunKey, generation, attempt }: AttemptId): string {
  return `${taskRunKey}.${generation}.${attempt}`;
}

function scriptedResult(attempt: ScriptedAttempt): AttemptResult {
  if (attempt.kind === "throw") return { kind: "failed", failure: failureOf(attempt.error) };
  const text = toJsonText(attempt.value);
  if (text.ok) return { kind: "success", output: { kind: "inline", json: text.json } };
  const message = `A stub's value cannot be kept: ${text.path} ${text.problem}`;
  return { kind: "failed", failure: { reason: "invalid_output", message, hint: text.hint } };
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { reason: "error", message: String(error) };
  const { name, message, stack } = error;
  return { reason: "error", errorName: name, message, ...(stack === undefined ? {} : { stack }) };
}
