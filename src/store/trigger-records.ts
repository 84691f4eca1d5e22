import type { Instant } from "../core/instant.ts";
import type { ConsumedEvent } from "../core/trigger/consumed-event.ts";
import type { FileSource, TriggerSpec } from "../core/trigger/trigger-spec.ts";
import type { RunId } from "./run-id.ts";
import type { NewRun } from "./run-records.ts";
import type { ScheduleFault } from "./schedule-store.ts";
import type { TriggerSnapshot } from "./trigger-rows.ts";

/** A trigger as readers see it. */
export interface TriggerRecord {
  readonly key: number;
  readonly project: string;
  readonly pipeline: string;
  readonly name: string;
  readonly spec: TriggerSpec;
  /** Events that wait for it, counted up to a limit. */
  readonly pending: number;
  /** When it is looked at again; absent = when events come. */
  readonly nextAt?: Instant;
  /** Its batch allows no other run before. */
  readonly openAt?: Instant;
  readonly lastRun?: RunId;
  readonly fault?: ScheduleFault;
  /** It cannot look for its files. */
  readonly lookFault?: ScheduleFault;
  /** The last events of which it could make no run, the newest first. */
  readonly refused: readonly RefusedEvent[];
}

export interface RefusedEvent {
  readonly id: string;
  readonly name: string;
  readonly at: Instant;
  readonly fault: string;
}

/** Nobody counts further. */
export const PENDING_SHOWN_MAX = 1_000;

/** A trigger that fires now. */
export interface DueTrigger {
  /** As it was looked at. */
  readonly snapshot: TriggerSnapshot;
  readonly project: string;
  readonly pipeline: string;
  readonly name: string;
  readonly spec: TriggerSpec;
  readonly versionHash: string;
  readonly lastRun: RunId | null;
  readonly fault?: ScheduleFault;
  /** What each of its runs is to take. */
  readonly groups: readonly (readonly PendingEvent[])[];
  /** How it goes on once it has fired. */
  readonly after: { readonly cursor: string; readonly nextAt: Instant | null };
  /** More waits than its run may take. */
  readonly isFull: boolean;
}

/** An event in the order of commits. */
export interface PendingEvent extends ConsumedEvent {
  readonly seq: number;
}

export interface DueTriggers {
  readonly due: readonly DueTrigger[];
  /** Until one that waits is due; 0 when there is more to look at now. */
  readonly nextInMs?: number;
}

/** What becomes of a group of events: a run, or a reason why there is none. */
export type FiringOutcome =
  | { readonly kind: "run"; readonly run: NewRun }
  | { readonly kind: "refused"; readonly message: string; readonly hint?: string };

/** Why a trigger cannot fire now, and when it is tried again. */
export interface Postponement {
  readonly message: string;
  readonly hint?: string;
  readonly delayMs: number;
}

/** A trigger that waits for files. */
export interface FileTrigger {
  readonly key: number;
  readonly generation: number;
  readonly project: string;
  readonly pipeline: string;
  readonly name: string;
  readonly source: FileSource;
  readonly lookFault?: ScheduleFault;
}

/** Why nobody can look for its files. */
export interface LookFault {
  readonly message: string;
  readonly hint?: string;
}
