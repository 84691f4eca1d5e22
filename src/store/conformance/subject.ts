import type { Store } from "../store.ts";
import type { ManualClock } from "./manual-clock.ts";

/** A kind of store that the suite runs on. */
export interface Subject {
  readonly name: string;
  /** A fresh, migrated database. */
  open(clock: ManualClock): Promise<OpenedStore>;
}

export interface OpenedStore {
  readonly store: Store;
  /** Another connection to the same database, as another process has it; undefined where there can be none. */
  another(): Promise<Store | undefined>;
  /** Rows of a query, column names as in SQL. For looking behind the interface. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Returns when every event committed so far can be read. */
  eventsReadable(): Promise<void>;
  close(): Promise<void>;
}
