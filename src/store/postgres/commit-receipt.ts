import type { EventInsert } from "../changes.ts";
import type { PostgresConnection } from "./connection.ts";

/**
 * By which it can be found out afterwards whether a transaction has committed, when the connection was lost with the
 * answer. Doing it all again would call `stale` what was accepted, and lose claims that were made.
 */
export interface CommitReceipt {
  /** The server's number of the transaction; undefined when it has written nothing. */
  readonly number: string | undefined;
  /** One of its events that happens only once in the life of its run; undefined when it can as well be done again. */
  readonly mark: EventInsert | undefined;
}

/** A change of a task run's state names generation, attempt and token, and so is never written a second time. */
export function markOf(events: readonly EventInsert[]): EventInsert | undefined {
  return events.find((event) => event.body.kind === "task_state");
}

/** Undefined while the transaction has written nothing. */
export async function selectNumber(db: PostgresConnection): Promise<string | undefined> {
  return (await db.get<{ xid: string | null }>(SELECT_NUMBER))?.xid ?? undefined;
}

/** Whether the server still works on the transaction; then nothing can be said yet. */
export async function isUnderWay(db: PostgresConnection, { number }: CommitReceipt): Promise<boolean> {
  if (number === undefined) return false;
  const row = await db.get<{ status: string | null }>(SELECT_STATUS, number);
  return row?.status === "in progress";
}

/**
 * The event is the proof, and not the transaction's number: a server that crashed forgets the numbers of what it had
 * not committed, and gives them out again.
 */
export async function hasCommitted(db: PostgresConnection, { mark }: CommitReceipt): Promise<boolean> {
  if (mark === undefined) return false;
  return (await db.all(SELECT_MARK, mark.runKey, JSON.stringify(mark.body))).length > 0;
}

const SELECT_NUMBER = { name: "select_number", text: "select pg_current_xact_id_if_assigned()::text as xid" };

/** A number that is still to come cannot be asked for: it was forgotten in a crash. */
const SELECT_STATUS = {
  text: `
    select case when $1::xid8 < pg_snapshot_xmax(pg_current_snapshot()) then pg_xact_status($1::xid8) end as status`,
};

const SELECT_MARK = { text: "select 1 from event where run_key = $1 and body = $2 limit 1" };
