import { BatutaError } from "../../core/problem.ts";
import type { EventRow } from "../rows.ts";
import type { EventQuery } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";

/** In commit order: SQLite has one writer at a time, so that is the order of their numbers. */
export function selectEvents(db: SqliteConnection, { run, after, limit }: EventQuery): readonly EventRow[] {
  const seq = after === undefined ? 0 : parseCursor(after);
  if (run === undefined) return db.all<EventRow>(SELECT, seq, limit);
  return db.all<EventRow>(SELECT_OF_RUN, run, seq, limit);
}

export function selectNewestEvent(db: SqliteConnection): string | undefined {
  return db.get<{ readonly cursor: string | null }>(SELECT_NEWEST)?.cursor ?? undefined;
}

function parseCursor(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) {
    throw new BatutaError("usage", `"${cursor}" is no cursor of this store's events.`, {
      hint: "Pass a cursor as it was given, or none to read from the beginning.",
    });
  }
  return Number(cursor);
}

const COLUMNS = "cast(event.seq as text) as cursor, event.at, run.id as runId, event.body";

const SELECT = `
  select ${COLUMNS} from event left join run on run.key = event.run_key
  where event.seq > ? order by event.seq limit ?`;

const SELECT_OF_RUN = `
  select ${COLUMNS} from run cross join event on event.run_key = run.key
  where run.id = ? and event.seq > ? order by event.seq limit ?`;

const SELECT_NEWEST = "select cast(max(seq) as text) as cursor from event";
