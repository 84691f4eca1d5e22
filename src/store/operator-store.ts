import type { Failure } from "../core/failure.ts";
import type { Instant } from "../core/instant.ts";
import type { RunState, TaskRunState } from "../core/state.ts";
import type { TaskSelector } from "../core/task-selection.ts";
import type { RunId } from "./run-id.ts";

/**
 * What people and tokens do by hand, by the table `core/operator-actions.ts`. Each is one transaction with its audit; a
 * refused one changes nothing, and a rehearsed one (`dryRun`) answers what it would have done.
 */
export interface OperatorStore {
  /** Runs finished task runs again, in a new generation with a fresh retry budget (ST-2, SU-2). */
  clear(request: ClearRequest): Promise<ActionResult>;
  /** Clears a finished run: all of it, or what failed with what hangs on it (RT-6). */
  retry(request: RetryRequest): Promise<ActionResult>;
  /** Makes task runs, or a whole run, a success or failed without running anything. */
  mark(request: MarkRequest): Promise<ActionResult>;
  /** Ends task runs, or a whole run: with their grace time, or at once. */
  stop(request: StopActionRequest): Promise<ActionResult>;

  /** Newest first. */
  deadLetters(filter: DeadLetterFilter): Promise<readonly DeadLetterRecord[]>;
  deadLetter(project: string, id: number): Promise<DeadLetterRecord | undefined>;
  /** Clears the task runs of open letters and what they had blocked (ST-7). */
  replayDeadLetters(request: DeadLetterRequest): Promise<ActionResult>;
  /** Closes open letters without running anything. */
  resolveDeadLetters(request: ResolveRequest): Promise<ActionResult>;
  /** Gives open letters to somebody. */
  assignDeadLetters(request: AssignRequest): Promise<ActionResult>;
}

export interface Acting {
  /** Who asks for it. */
  readonly actor: string;
  /** Decides and answers everything, and changes nothing. */
  readonly dryRun?: boolean;
}

export interface ClearRequest extends Acting {
  readonly run: RunId;
  /** Empty = all of the run. */
  readonly tasks: readonly TaskSelector[];
  readonly upstream?: boolean;
  readonly downstream?: boolean;
  /** The same in the newest run of every earlier interval of the pipeline. */
  readonly past?: boolean;
  /** The same in the newest run of every later interval. */
  readonly future?: boolean;
  /** Of these only what failed, was blocked or was cancelled. */
  readonly onlyFailed?: boolean;
}

export interface RetryRequest extends Acting {
  readonly run: RunId;
  readonly which: "all" | "failed";
}

export interface MarkRequest extends Acting {
  readonly run: RunId;
  readonly as: "success" | "failed";
  /** Absent = the run itself. */
  readonly tasks?: readonly TaskSelector[];
}

export interface StopActionRequest extends Acting {
  readonly run: RunId;
  readonly how: "cancel" | "kill";
  /** Absent = the run itself. */
  readonly tasks?: readonly TaskSelector[];
}

export interface DeadLetterRequest extends Acting {
  readonly project: string;
  readonly ids: readonly number[];
}

export interface ResolveRequest extends DeadLetterRequest {
  readonly note: string;
}

export interface AssignRequest extends DeadLetterRequest {
  /** Null takes them back. */
  readonly to: string | null;
}

export type ActionResult =
  | ActionDone
  | { readonly kind: "not_found"; readonly message: string }
  /** A state forbids it; the sentence says which, and what to do. */
  | { readonly kind: "refused"; readonly message: string };

export interface ActionDone {
  readonly kind: "done";
  /** Runs whose state changed. */
  readonly runs: readonly { readonly runId: RunId; readonly from: RunState; readonly to: RunState }[];
  /** Every task run that changed, in the order of runs and tasks, what followed by rules included. */
  readonly taskRuns: readonly TouchedTaskRun[];
  /** Dead letters that were closed or assigned. */
  readonly deadLetters: readonly number[];
}

export interface TouchedTaskRun {
  readonly runId: RunId;
  readonly task: string;
  readonly mapKey: string;
  /** Null = it began with the action, as an item of a map. */
  readonly from: TaskRunState | null;
  /** The same as before where it is asked to stop: its session still has to end it. */
  readonly to: TaskRunState;
  readonly stop?: "cancel" | "kill";
}

export type DeadLetterState = "open" | "replayed" | "resolved";

export interface DeadLetterFilter {
  readonly project: string;
  readonly pipeline?: string;
  readonly state?: DeadLetterState;
  readonly assignedTo?: string;
  /** Only older ones than this: the next page. */
  readonly before?: number;
  readonly limit: number;
}

export interface DeadLetterRecord {
  readonly id: number;
  readonly runId: RunId;
  readonly pipeline: string;
  readonly taskIndex: number;
  readonly task: string;
  readonly mapKey: string;
  readonly generation: number;
  readonly state: DeadLetterState;
  readonly openedAt: Instant;
  readonly closedAt?: Instant;
  /** Who replayed or resolved it. */
  readonly closedBy?: string;
  readonly assignedTo?: string;
  readonly note?: string;
  /** The final failure, as long as the task run has not been cleared. */
  readonly failure?: Failure;
}
