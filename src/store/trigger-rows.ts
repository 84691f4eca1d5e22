import type { Instant } from "../core/instant.ts";
import type { RunId } from "./run-id.ts";

/** Reads of what starts runs when something happens. */
export interface TriggerReader {
  /** Those of the current version, by pipeline and name. */
  triggers(project: string, pipeline?: string): Promise<readonly TriggerRow[]>;
  /** Those to look at now, the longest waiting first; none of a paused pipeline. */
  due(project: string, limit: number): Promise<readonly TriggerRow[]>;
  /** Those of the current version that wait for files. */
  forFiles(project: string): Promise<readonly TriggerRow[]>;
  /** When one that is not due yet is; none of a paused pipeline. */
  nextAt(project: string): Promise<Instant | undefined>;
}

export interface TriggerWriter extends TriggerReader {
  /** All that the project ever had, in the order of their keys, locked. */
  lockTriggersOf(project: string): Promise<readonly TriggerRow[]>;
  /** They listen to what is sent from now on. */
  insertTriggers(rows: readonly TriggerInsert[]): Promise<void>;
  editTriggers(edits: readonly TriggerEdit[]): Promise<void>;
  /** Those that listen to these events are due. */
  wake(project: string, events: readonly string[]): Promise<void>;
  /** False: it was edited or decided on meanwhile, and nothing has changed. */
  settle(trigger: TriggerSnapshot, end: TriggerSettled): Promise<boolean>;
  /** What stands in the way of looking for its files; nothing changes when it was edited meanwhile. */
  noteLook(trigger: Pick<TriggerSnapshot, "key" | "generation">, fault: string | null): Promise<void>;
}

export interface TriggerRow extends TriggerSnapshot {
  readonly project: string;
  readonly pipeline: string;
  readonly name: string;
  /** JSON of a `TriggerSpec`, in canonical form. */
  readonly spec: string;
  readonly event: string;
  readonly since: string | null;
  readonly nextAt: Instant | null;
  readonly openAt: Instant;
  readonly lastRun: RunId | null;
  /** JSON of a `Fault`. */
  readonly fault: string | null;
  /** JSON of a `Fault`: it cannot look for its files. */
  readonly lookFault: string | null;
  readonly removedAt: Instant | null;
}

/** A trigger as it was when somebody looked at it. */
export interface TriggerSnapshot {
  readonly key: number;
  readonly generation: number;
  /** Opaque. */
  readonly cursor: string;
  readonly wakes: number;
}

/** What was decided. It is looked at anew at once if events have come meanwhile. */
export interface TriggerSettled {
  readonly cursor: string;
  readonly nextAt: Instant | null;
  readonly openAt: Instant;
  readonly lastRun: RunId | null;
  readonly fault: string | null;
}

export interface TriggerInsert {
  readonly project: string;
  readonly pipeline: string;
  readonly name: string;
  readonly spec: string;
  readonly event: string;
}

/** What deploying makes of a trigger: a new generation, without a fault and due at once, unless it is removed. */
export interface TriggerEdit {
  readonly key: number;
  readonly spec: string;
  readonly event: string;
  readonly removedAt: Instant | null;
  /** It listens to what is sent from now on, and forgets what waits. */
  readonly isNew: boolean;
}
