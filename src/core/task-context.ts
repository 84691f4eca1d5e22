import type { Json } from "./json.ts";
import type { SourceCursor } from "./source-cursor.ts";
import type { TaskRunState } from "./state.ts";

/** The single argument of a task function. A plain object: a unit test may build one by hand. */
export interface TaskContext<Input = unknown, Params = unknown> {
  /** Outputs of the upstream tasks named in `input`. */
  readonly input: Input;
  readonly params: Params;
  readonly interval: IntervalView;
  /** Date of the interval's start in the zone of the schedule, `YYYY-MM-DD`. */
  readonly ds: string;
  /** IANA zone in which `ds` is the date: that of the schedule, or of a pipeline without. */
  readonly timezone: string;
  /** What comes before the interval. */
  readonly prev: PreviousView;
  /** The step of the schedule after the interval. */
  readonly next: StepView;
  readonly run: RunView;
  /** What has started the run, oldest first, when events have; else empty. */
  readonly events: readonly RunEvent[];
  readonly task: { readonly name: string; readonly mapKey: string };
  /** 1 for the first attempt of this generation. */
  readonly attempt: number;
  /** In a mapped task or a member of a mapped group: the item that this copy is for. */
  readonly item?: Json;
  /** Place of the item in its list, from 0. */
  readonly index?: number;
  /** Of a task with a cursor. */
  readonly cursor?: SourceCursor;
  readonly log: TaskLog;
  /** Aborted on time-out and cancel. */
  readonly signal: AbortSignalLike;
  /** Equal across retries and lost workers, new after a deliberate re-run. */
  readonly idempotencyKey: string;
  /** Connection settings by name, for the connections the task declares. */
  readonly connections: Readonly<Record<string, string>>;
  /** Folder of the project, absolute. */
  readonly projectDir: string;
  /** A folder of this attempt's own, removed when it ends. */
  readonly tempDir: string;
}

/**
 * The data interval of a run: from `start`, up to but without `end`.
 *
 * @example
 * task("extract", ({ interval }) => fetchOrders(interval.start, interval.end));
 */
export interface IntervalView {
  readonly start: Date;
  readonly end: Date;
  /** True: no step of the schedule as it is now, because the schedule was changed at its start. */
  readonly partial?: boolean;
}

/**
 * A step of the schedule beside that of the run, whether a run works on it or not. Empty for a run of no schedule, and
 * of one that does not fire by the calendar.
 *
 * @example
 * task("publish", ({ ds, next }) => log(`orders of ${ds} until ${next.ds}`));
 */
export interface StepView {
  readonly interval?: { readonly start: Date; readonly end: Date };
  readonly ds?: string;
}

/**
 * What comes before the interval of a run: the step of the schedule, and the nearest earlier interval of the same
 * pipeline and schedule that has a successful run; absent when there is none yet.
 *
 * @example
 * task("load", ({ prev, interval }) => loadChangesSince(prev.success?.end ?? interval.start));
 */
export interface PreviousView extends StepView {
  readonly success?: SuccessView;
}

/**
 * A successful run of an earlier interval, and that interval.
 *
 * @example
 * task("load", ({ prev }) => console.log(prev.success?.runId ?? "the first one"));
 */
export interface SuccessView {
  readonly start: Date;
  readonly end: Date;
  readonly ds: string;
  readonly runId: string;
  /** When the run itself began and ended. */
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/**
 * The run in which a task runs, and what has started it: `schedule`, `manual`, `backfill`, `api` …
 *
 * @example
 * task("load", ({ run }) => console.log(run.trigger, run.schedule ?? "no schedule"));
 */
export interface RunView {
  readonly id: string;
  readonly pipeline: string;
  readonly trigger: string;
  /** Name of the schedule whose interval it works on, whatever has started it. */
  readonly schedule?: string;
}

/**
 * An event that has started the run: sent by `batuta emit`, or the end of a run of another pipeline.
 *
 * @example
 * task("load", ({ events }) => events.map(({ key, payload }) => ({ key, payload })));
 */
export interface RunEvent {
  readonly id: string;
  readonly name: string;
  readonly key?: string;
  readonly at: Date;
  readonly payload: Json;
}

/**
 * The log of an attempt; fields are kept as JSON beside the message.
 *
 * @example
 * task("load", ({ log }) => log.info("loaded", { rows: 12 }));
 */
export interface TaskLog {
  debug(message: string, fields?: Record<string, Json>): void;
  info(message: string, fields?: Record<string, Json>): void;
  warn(message: string, fields?: Record<string, Json>): void;
  error(message: string, fields?: Record<string, Json>): void;
}

/** The part of `AbortSignal` that core can name without the DOM's types; at run time it is a real `AbortSignal`. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
  throwIfAborted(): void;
}

/**
 * An input under a trigger rule that may start without this upstream's success.
 *
 * @example
 * task("report", { input: { rows }, when: "all_done" }, ({ input }) => input.rows.value ?? input.rows.state);
 */
export interface Outcome<T> {
  readonly state: TaskRunState;
  readonly value?: T;
}
