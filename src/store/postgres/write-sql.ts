/** The statements of `applyChanges`: each is one part of a larger one, over arrays of equal length. */

export const DELETE_READY = "delete from ready where task_run_key = any($1::bigint[])";

export const DELETE_WAITING = "delete from waiting where task_run_key = any($1::bigint[])";

export const DELETE_LEASES = "delete from lease where task_run_key = any($1::bigint[])";

export const DELETE_SHARES = "delete from lease_scope where task_run_key = any($1::bigint[])";

export const DELETE_UNCOUNTED_SHARES = `
  delete from lease_scope where task_run_key = any($1::bigint[])
    and not exists (select 1 from scope where scope.id = lease_scope.scope_id and scope.count_deferred)`;

export const DELETE_OUTPUTS = "delete from output where task_run_key = any($1::bigint[])";

export const UPDATE_TASK_RUNS = `
  update task_run
  set state = made.state, generation = made.generation, attempt = made.attempt, lost = made.lost,
    due_at = made.due_at, queued_at = made.queued_at, started_at = made.started_at, finished_at = made.finished_at,
    reason = made.reason, failure = made.failure, up_total = made.total, up_success = made.success,
    up_failed = made.failed, up_upstream_failed = made.upstream_failed, up_skipped = made.skipped,
    up_gates = made.gates, up_shut = made.shut, decision = made.decision
  from unnest($1::bigint[], $2::text[], $3::integer[], $4::bigint[], $5::text[], $6::integer[], $7::integer[],
      $8::integer[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[],
      $15::integer[], $16::integer[], $17::integer[], $18::integer[], $19::integer[], $20::integer[], $21::text[],
      $22::text[])
    as made (key, old_state, old_generation, old_token, state, generation, attempt, lost, due_at, queued_at,
      started_at, finished_at, reason, failure, total, success, failed, upstream_failed, skipped, gates, shut, decision)
  where task_run.key = made.key and task_run.state = made.old_state
    and task_run.generation = made.old_generation and task_run.token = made.old_token
  returning 1`;

/** No comparison: only who has locked the run writes counts. */
export const UPDATE_COUNTS = `
  update task_run
  set up_total = made.total, up_success = made.success, up_failed = made.failed,
    up_upstream_failed = made.upstream_failed, up_skipped = made.skipped, up_gates = made.gates, up_shut = made.shut
  from unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[], $5::integer[], $6::integer[], $7::integer[],
      $8::text[])
    as made (key, total, success, failed, upstream_failed, skipped, gates, shut)
  where task_run.key = made.key`;

export const INSERT_ITEM_RUNS = `
  insert into task_run (key, run_key, task_index, map_key, state, generation, label, lane_id, queued_at, finished_at,
    reason, failure, decision, up_total, up_success, up_failed, up_upstream_failed, up_skipped, up_gates, up_shut,
    attempt, token, lost)
  select made.*, 0, 0, 0
  from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::text[], $5::text[], $6::integer[], $7::text[],
    $8::integer[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::integer[], $15::integer[],
    $16::integer[], $17::integer[], $18::integer[], $19::integer[], $20::text[]) as made`;

export const INSERT_READY = `
  insert into ready (task_run_key, run_key, lane_id, queued_at)
  select * from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::bigint[])`;

export const INSERT_WAITING = `
  insert into waiting (task_run_key, run_key, due_at)
  select * from unnest($1::bigint[], $2::bigint[], $3::bigint[])
  on conflict (task_run_key) do update set due_at = excluded.due_at`;

export const UPDATE_STOPS = `
  update lease set stop = asked.stop
  from unnest($1::bigint[], $2::text[]) as asked (task_run_key, stop)
  where lease.task_run_key = asked.task_run_key`;

export const UPDATE_ATTEMPTS = `
  update attempt
  set finished_at = $1, outcome = ended.outcome, failure = ended.failure, cpu_ms = ended.cpu_ms,
    peak_memory_bytes = ended.peak_memory_bytes
  from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::float8[], $7::bigint[])
    as ended (task_run_key, token, outcome, failure, cpu_ms, peak_memory_bytes)
  where attempt.task_run_key = ended.task_run_key and attempt.token = ended.token and attempt.finished_at is null
  returning 1`;

export const INSERT_OUTPUTS = `
  insert into output (task_run_key, token, json, blob_hash, blob_bytes, items, labels)
  select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::integer[], $7::text[])`;

export const INSERT_DEAD_LETTERS = `
  insert into dead_letter (opened_at, state, run_key, task_run_key, generation)
  select $1, 'open', run_key, task_run_key, generation
  from unnest($2::bigint[], $3::bigint[], $4::integer[]) as opened (run_key, task_run_key, generation)`;

export const CLOSE_DEAD_LETTERS = `
  update dead_letter
  set state = closed.state, closed_at = $1, closed_by = closed.closed_by, note = closed.note
  from unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) as closed (task_run_key, state, closed_by, note)
  where dead_letter.task_run_key = closed.task_run_key and dead_letter.state = 'open'`;

export const ASSIGN_DEAD_LETTERS = `
  update dead_letter set assigned_to = given.assigned_to
  from unnest($1::bigint[], $2::text[]) as given (task_run_key, assigned_to)
  where dead_letter.task_run_key = given.task_run_key and dead_letter.state = 'open'`;

/** Without a new state, the rest stays as it was. */
export const UPDATE_RUNS = `
  update run
  set unfinished = made.unfinished, failing = made.failing, task_count = made.task_count, state = coalesce(made.state, run.state),
    started_at = case when made.state is null then run.started_at else made.started_at end,
    finished_at = case when made.state is null then run.finished_at else made.finished_at end,
    reason = case when made.state is null then run.reason else made.reason end
  from unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[], $5::text[], $6::bigint[], $7::bigint[], $8::text[])
    as made (key, unfinished, failing, task_count, state, started_at, finished_at, reason)
  where run.key = made.key`;

export const INSERT_AUDITS = `
  insert into audit (at, project, actor, action, run_key, details)
  select $1, project, actor, action, run_key, details
  from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
    as acts (project, actor, action, run_key, details)`;

export const INSERT_EVENTS = `
  insert into event (at, run_key, body)
  select $1, run_key, body
  from unnest($2::bigint[], $3::text[]) with ordinality as noted (run_key, body, place)
  order by place`;

/** Of a run the first deadline stands, where it has given its place away meanwhile; of a task run the last. */
export const INSERT_TIMERS = `
  insert into timer (run_key, task_run_key, kind, generation, due_at)
  select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[], $5::bigint[])
  on conflict (run_key, task_run_key, kind) do update
    set generation = excluded.generation, due_at = excluded.due_at where timer.task_run_key > 0`;

/** Without a kind, all kinds. */
export const DELETE_TIMERS = `
  delete from timer using unnest($1::bigint[], $2::bigint[], $3::text[]) as ended (run_key, task_run_key, kind)
  where timer.run_key = ended.run_key and timer.task_run_key = ended.task_run_key
    and (ended.kind is null or timer.kind = ended.kind)`;

/** One that has no deadline has no row, and nothing changes. */
export const UPDATE_ASSETS = `
  update asset_deadline set made_at = $1, made_by = made.run_id
  from (
    select asset_deadline.ctid, found.run_id
    from unnest($2::text[], $3::text[], $4::text[]) with ordinality as found (project, asset, run_id, place)
      join asset_deadline on asset_deadline.project = found.project and asset_deadline.asset = found.asset
    order by found.place for update of asset_deadline
  ) as made
  where asset_deadline.ctid = made.ctid`;

export const UPDATE_CURSORS = `
  update source_cursor
  set moved_at = $1, version = moved.version, value = moved.value, run_id = moved.run_id, task = moved.task,
    actor = moved.actor
  from unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[])
    as moved (project, pipeline, name, version, value, run_id, task, actor)
  where source_cursor.project = moved.project and source_cursor.pipeline = moved.pipeline
    and source_cursor.name = moved.name and source_cursor.version = moved.version - 1
  returning 1`;

export const UPSERT_CACHE_ENTRIES = `
  insert into cache_entry (created_at, project, key, run_id, task_run_key, expires_at, json, blob_hash, blob_bytes)
  select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::text[],
    $9::bigint[])
  on conflict (project, key) do update
    set created_at = excluded.created_at, run_id = excluded.run_id, task_run_key = excluded.task_run_key,
      expires_at = excluded.expires_at, json = excluded.json, blob_hash = excluded.blob_hash,
      blob_bytes = excluded.blob_bytes`;

/** Not those that are replaced by the same statement; what another transaction drops is passed over. */
export const DELETE_EXPIRED_RESULTS = `
  delete from cache_entry where ctid = any(array(
    select ctid from cache_entry where expires_at <= $1 and key <> all($2::text[])
    order by expires_at limit $3 for update skip locked))`;

/** As `pipeline-end.ts` reads it, where somebody waits for it. A run that is cleared ends again, and tells so again. */
export const INSERT_END_SIGNALS = `
  insert into signal (project, name, id, payload, at, expires_at)
  select run.project, 'pipeline:' || run.pipeline, run.id || '/' || ended.finished_at,
    json_build_object('run', run.id, 'pipeline', run.pipeline, 'state', ended.state, 'interval', json_build_object(
        'start', ${isoText("asked.interval_start")}, 'end', ${isoText("asked.interval_end")}),
      'ds', asked.ds, 'timezone', asked.timezone)::text, $1::bigint, $2::bigint
  from unnest($3::bigint[], $4::text[], $5::bigint[]) as ended (key, state, finished_at)
    join run on run.key = ended.key join run_request asked on asked.run_key = run.key
  where exists (
    select 1 from event_trigger
    where event_trigger.project = run.project and event_trigger.event = 'pipeline:' || run.pipeline
      and event_trigger.removed_at is null)
  on conflict (project, name, id) do nothing`;

function isoText(instant: string): string {
  return `to_char(to_timestamp(${instant} / 1000.0) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
