import type { AwaitedKey, AwaitedRow, ChildRow } from "./rows.ts";
import type { RunId } from "./run-id.ts";

/** Reads of which run has started which. */
export interface ChildReader {
  /** Waits for runs that can end now, the oldest first, a few of them; or this one, if it can. */
  awaited(only?: AwaitedKey): Promise<readonly AwaitedRow[]>;
  /** Runs that a run has started, and that those have started. */
  descendants(run: RunId): Promise<readonly ChildRow[]>;
}

export interface ChildTable extends ChildReader {
  /** The runs exist. */
  insert(rows: readonly ChildInsert[]): Promise<void>;
  /** Nobody waits in this attempt any more. */
  endAwaited(key: AwaitedKey): Promise<void>;
}

export interface ChildInsert extends AwaitedKey {
  /** Of the parent. */
  readonly runKey: number;
  readonly childId: RunId;
  readonly isAwaited: boolean;
}
