import { BatutaError } from "../../core/problem.ts";
import type { EventRow } from "../rows.ts";
import type { EventQuery } from "../store.ts";
import type { PostgresConnection } from "./connection.ts";

/**
 * Events of finished transactions, in the order of (xid, seq), and only those older than every transaction still under
 * way: one of those may yet commit an event that belongs before.
 */
export function selectEvents(db: PostgresConnection, { run, after, limit }: EventQuery): Promise<readonly EventRow[]> {
  const [xid, seq] = after === undefined ? ["0", "0"] : parseCursor(after);
  if (run === undefined) return db.all<EventRow>(SELECT, xid, seq, limit);
  return db.all<EventRow>(SELECT_OF_RUN, xid, seq, limit, run);
}

/** Of those that can be read: one that commits later comes behind it. */
export async function selectNewestEvent(db: PostgresConnection): Promise<string | undefined> {
  const [newest] = await db.all<{ readonly cursor: string }>(SELECT_NEWEST);
  return newest?.cursor;
}

function parseCursor(cursor: string): readonly [xid: string, seq: string] {
  const parts = /^(\d{1,19}):(\d{1,18})$/.exec(cursor);
  if (parts?.[1] !== undefined && parts[2] !== undefined) return [parts[1], parts[2]];
  throw new BatutaError("usage", `"${cursor}" is no cursor of this store's events.`, {
    hint: "Pass a cursor as it was given, or none to read from the beginning.",
  });
}

const COLUMNS = `event.xid::text || ':' || event.seq::text as cursor, event.at, run.id as "runId", event.body`;

const READABLE = `
  (event.xid, event.seq) > ($1::xid8, $2::bigint) and event.xid < pg_snapshot_xmin(pg_current_snapshot())
  order by event.xid, event.seq limit $3`;

const SELECT = {
  name: "select_events",
  text: `select ${COLUMNS} from event left join run on run.key = event.run_key where ${READABLE}`,
};

const SELECT_OF_RUN = {
  name: "select_events_of_run",
  text: `
    select ${COLUMNS} from (select key, id from run where id = $4) as run join event on event.run_key = run.key
    where ${READABLE}`,
};

const SELECT_NEWEST = {
  name: "select_newest_event",
  text: `
    select xid::text || ':' || seq::text as cursor from event where xid < pg_snapshot_xmin(pg_current_snapshot())
    order by xid desc, seq desc limit 1`,
};
