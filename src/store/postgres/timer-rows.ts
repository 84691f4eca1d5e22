import type { TimerRow } from "../rows.ts";
import type { PostgresConnection } from "./connection.ts";

/** Deadlines that have come, the oldest first. */
export function selectDueTimers(db: PostgresConnection, now: number): Promise<readonly TimerRow[]> {
  return db.all<TimerRow>(SELECT_DUE, now);
}

export async function selectNextTimerAt(db: PostgresConnection): Promise<number | undefined> {
  return (await db.get<{ dueAt: number | null }>(SELECT_NEXT))?.dueAt ?? undefined;
}

const SELECT_DUE = {
  name: "select_due_timers",
  text: `
    select run_key as "runKey", run.id as "runId", task_run_key as "taskRunKey", kind, generation, due_at as "dueAt"
    from timer join run on run.key = timer.run_key
    where due_at <= $1 order by due_at, run_key, task_run_key limit 100`,
};

const SELECT_NEXT = { name: "select_next_timer", text: 'select min(due_at) as "dueAt" from timer' };
