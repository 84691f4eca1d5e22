import { SIGNAL_TTL_MS } from "../../core/trigger/signal.ts";
import type { RunChange } from "../changes.ts";
import type { SqliteConnection } from "./connection.ts";

/** Tells whoever waits for runs of its pipeline that a run has ended; nobody waits for most. */
export function insertEndSignal(db: SqliteConnection, { key, state }: RunChange, now: number): void {
  if (state === undefined || state.finishedAt === null) return;
  db.run(INSERT, state.finishedAt, state.to, now, now + SIGNAL_TTL_MS, key);
}

/** As `pipeline-end.ts` reads it. A run that is cleared ends again, and tells so again. */
const INSERT = `
  insert into signal (project, name, id, payload, at, expires_at)
  select run.project, 'pipeline:' || run.pipeline, run.id || '/' || ?,
    json_object('run', run.id, 'pipeline', run.pipeline, 'state', ?, 'interval', json_object(
        'start', strftime('%Y-%m-%dT%H:%M:%fZ', asked.interval_start / 1000.0, 'unixepoch'),
        'end', strftime('%Y-%m-%dT%H:%M:%fZ', asked.interval_end / 1000.0, 'unixepoch')),
      'ds', asked.ds, 'timezone', asked.timezone), ?, ?
  from run cross join run_request asked on asked.run_key = run.key
  where run.key = ? and exists (
    select 1 from event_trigger
    where event_trigger.project = run.project and event_trigger.event = 'pipeline:' || run.pipeline
      and event_trigger.removed_at is null)
  on conflict (project, name, id) do nothing`;
