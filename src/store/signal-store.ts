import type { ConsumedEvent } from "../core/trigger/consumed-event.ts";
import type { EventFilter } from "../core/trigger/event-filter.ts";
import type { FileState } from "../core/trigger/file-state.ts";
import type { NewSignal } from "../core/trigger/signal.ts";
import type { RunId } from "./run-id.ts";
import type { EmittedSignal } from "./signal-records.ts";
import type {
  DueTrigger,
  DueTriggers,
  FileTrigger,
  FiringOutcome,
  LookFault,
  Postponement,
  TriggerRecord,
} from "./trigger-records.ts";

/** Events from outside, and what they start. */
export interface SignalStore {
  /** Keeps events for those who wait for them; throws `usage` when one of them cannot be kept, and then keeps none. */
  emit(signals: readonly NewSignal[]): Promise<readonly EmittedSignal[]>;
  /** Events that have started a run, in their order; none for a run that was started otherwise. */
  eventsOf(run: RunId): Promise<readonly ConsumedEvent[]>;

  /**
   * Takes an event for a task run that waits for one: it may have come before, and no two runs of the task are given the
   * same (WT-3). Undefined: there is none yet. Who asks again is given the same.
   */
  takeEvent(wanted: AwaitedEvent): Promise<ConsumedEvent | undefined>;

  /** Triggers of the current version, by pipeline and name; of one pipeline, or of all. */
  triggers(project: string, pipeline?: string): Promise<readonly TriggerRecord[]>;
  /** Triggers of a project that fire now, so many at most, each with the events that it is to take. */
  dueTriggers(project: string, limit: number): Promise<DueTriggers>;
  /** One outcome for each group. False: the trigger is not as it was any more, and nothing has changed. */
  fireTrigger(due: DueTrigger, outcomes: readonly FiringOutcome[]): Promise<boolean>;
  /** Something that is none of the events' fault stands in its way: it is tried again later. */
  postponeTrigger(due: DueTrigger, postponement: Postponement): Promise<void>;

  /** Triggers of the current version that wait for files. */
  fileTriggers(project: string): Promise<readonly FileTrigger[]>;
  /** Makes events of states of files that the trigger does not know yet; gives how many those are. */
  keepFiles(trigger: FileTrigger, files: readonly FileState[]): Promise<number>;
  /** What was there before the trigger starts no run; false: somebody has said so before, and nothing has changed. */
  ignoreFiles(trigger: FileTrigger, files: readonly FileState[]): Promise<boolean>;
  /** What stands in the way of looking for its files; undefined = nothing any more. */
  noteLook(trigger: FileTrigger, fault: LookFault | undefined): Promise<void>;
}

/** For what a task run waits. */
export interface AwaitedEvent {
  readonly project: string;
  readonly name: string;
  readonly filter: EventFilter;
  readonly task: { readonly pipeline: string; readonly name: string };
  readonly run: RunId;
  readonly taskRunKey: number;
  readonly generation: number;
}
