import type { Instant } from "../core/instant.ts";
import type { RunId } from "./run-id.ts";

/** Reads of events from outside. */
export interface SignalReader {
  /** Events of a name after a place, in the order of commits; those whose time is over are left out. */
  after(place: SignalPlace, limit: number): Promise<readonly SignalRow[]>;
  /** What a run was started by, in the order of commits. */
  startersOf(run: RunId): Promise<readonly SignalRow[]>;
  /** Events of a name that a consumer has not taken, by the end of their time. */
  untaken(wanted: UntakenPlace, limit: number): Promise<readonly UntakenRow[]>;
  /** What was taken for one who waits. */
  takenBy(waiter: SignalWaiter): Promise<SignalRow | undefined>;
  /** The last events that a consumer has refused, the newest first. */
  refused(consumer: string, limit: number): Promise<readonly RefusedRow[]>;
  /** Names of events that triggers have not been told of, in the order of commits; none for a project without triggers. */
  untold(project: string, limit: number): Promise<readonly UntoldRow[]>;
}

export interface SignalWriter extends SignalReader {
  /** The numbers of those that are new, in the order given; undefined for one that is there already. */
  insert(rows: readonly SignalInsert[]): Promise<readonly (number | undefined)[]>;
  /** Those that expired first, but for those that runs have taken. */
  deleteExpired(limit: number): Promise<void>;
  /** Who takes events; an event that a run takes stays with it. The runs exist. */
  take(uses: readonly SignalUse[]): Promise<void>;
  /** False: its consumer has taken the event already, for another. */
  takeFor(seq: number, waiter: SignalWaiter): Promise<boolean>;
  /** Triggers have been told of all events up to here; false: somebody else was faster. */
  moveFeed(project: string, move: { readonly from: string; readonly to: string }): Promise<boolean>;
}

export interface SignalInsert {
  readonly project: string;
  readonly name: string;
  readonly id: string;
  readonly key: string | null;
  readonly payload: string;
  readonly expiresAt: Instant | null;
}

/** A place in the order of commits. */
export interface SignalPlace {
  readonly project: string;
  readonly name: string;
  /** Opaque. */
  readonly cursor: string;
  /** Opaque: the moment before which all that was sent is passed over. */
  readonly since: string | null;
}

export interface SignalRow {
  readonly seq: number;
  /** Opaque: its own place. */
  readonly cursor: string;
  readonly name: string;
  readonly id: string;
  readonly key: string | null;
  /** JSON. */
  readonly payload: string;
  readonly at: Instant;
}

/** After which place in the order of expiry; the events are of this project and name. */
export interface UntakenPlace {
  readonly project: string;
  readonly name: string;
  readonly consumer: string;
  readonly after: { readonly expiresAt: Instant; readonly seq: number };
}

export interface UntakenRow extends SignalRow {
  readonly expiresAt: Instant;
}

/** Who waits for an event: in which run, and as which of those for whom the consumer takes events. */
export interface SignalWaiter {
  readonly run: RunId;
  readonly consumer: string;
  readonly waiter: string;
}

export interface RefusedRow extends Pick<SignalRow, "id" | "name" | "at"> {
  readonly fault: string;
}

export interface UntoldRow {
  readonly name: string;
  readonly cursor: string;
  /** That of the feed when this was read. */
  readonly feed: string;
}

export interface SignalUse {
  readonly seq: number;
  readonly consumer: string;
  /** null = it was refused, and `fault` says why. */
  readonly run: RunId | null;
  readonly fault: string | null;
}
