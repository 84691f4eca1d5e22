-- Breaks running workers: no. The first schema.
-- Instants are integer UTC milliseconds, JSON is text: both databases keep the same values.

-- A compiled project, named by the hash of its content; never changes.
create table version (
  key bigint generated always as identity primary key,
  hash text not null unique,
  project text not null,
  manifest text not null,
  saved_at bigint not null
);

-- Who runs attempts: one row per process, renewed as one, to which its leases point.
create table session (
  key bigint generated always as identity primary key,
  id text not null unique,
  project text not null,
  role text not null check (role in ('run', 'server')),
  hostname text not null,
  host_id text not null,
  pid bigint not null,
  start_time text not null,
  lease_ms bigint not null check (lease_ms > 0),
  -- JSON array of the ids of the runs it executes; null = all of the project's.
  runs text,
  opened_at bigint not null,
  renewed_at bigint not null,
  closed_at bigint
) with (fillfactor = 70);

create index session_open on session (key) where closed_at is null;

create table run (
  key bigint generated always as identity primary key,
  id text collate "C" not null unique,
  project text not null,
  pipeline text not null,
  version_key bigint not null references version (key),
  state text not null check (state in ('queued', 'running', 'cancelling', 'success', 'failed', 'cancelled')),
  -- Its task runs have the keys from here on, by task index.
  first_key bigint not null unique,
  task_count integer not null check (task_count >= 0),
  unfinished integer not null check (unfinished >= 0),
  failing integer not null check (failing >= 0),
  created_at bigint not null,
  started_at bigint,
  finished_at bigint,
  reason text,
  request_key text not null,
  check ((state in ('success', 'failed', 'cancelled')) = (finished_at is not null)),
  check (state <> 'queued' or started_at is null),
  check (state in ('queued', 'cancelled') or started_at is not null),
  check (finished_at is null or unfinished = 0),
  check (unfinished <= task_count and failing <= task_count - unfinished)
) with (fillfactor = 50);

create index run_by_project on run (project, key);
create index run_by_pipeline on run (project, pipeline, key);
create index run_by_request on run (request_key, key);
create index run_unfinished on run (project, pipeline, key) where finished_at is null;

-- What was asked for. Apart from `run`, whose row is written with every completion.
create table run_request (
  run_key bigint primary key references run (key),
  trigger_kind text not null check (trigger_kind in ('schedule', 'manual', 'backfill', 'asset', 'api', 'sensor')),
  interval_start bigint not null,
  interval_end bigint not null,
  timezone text not null,
  ds text not null,
  params text not null,
  -- JSON array of task indexes; null = all tasks.
  only_tasks text,
  borrows_from text,
  actor text not null,
  check (interval_start <= interval_end)
);

-- Everything that limits a ready task run. A limit is that of the version used last: it applies to all from then on.
create table lane (
  id integer generated always as identity primary key,
  project text not null,
  queue text not null,
  priority double precision not null,
  pipeline text not null,
  -- '' and 0 = no limit of the task's own.
  task text not null,
  task_concurrency integer not null check ((task = '') = (task_concurrency = 0)),
  served_at bigint not null,
  unique (project, queue, priority, pipeline, task)
) with (fillfactor = 50);

create index lane_of_task on lane (project, pipeline, task) where task <> '';

-- The lanes' rotation.
create sequence rotation;

-- The next free task-run key; a row, since a sequence cannot hand out neighbouring keys to concurrent sessions.
create table counter (
  name text primary key,
  next bigint not null
) with (fillfactor = 10);

insert into counter (name, next) values ('task_run', 1);

create table task_run (
  key bigint primary key,
  run_key bigint not null references run (key),
  task_index integer not null check (task_index >= 0),
  map_key text not null,
  state text not null check (state in ('scheduled', 'queued', 'running', 'retrying', 'deferred', 'success', 'failed',
    'upstream_failed', 'skipped', 'cancelled', 'removed')),
  generation integer not null check (generation >= 1),
  attempt integer not null check (attempt >= 0),
  token bigint not null check (token >= attempt),
  lost integer not null check (lost between 0 and attempt),
  up_total integer not null,
  up_success integer not null check (up_success >= 0),
  up_failed integer not null check (up_failed >= 0),
  up_upstream_failed integer not null check (up_upstream_failed >= 0),
  up_skipped integer not null check (up_skipped >= 0),
  lane_id integer not null,
  due_at bigint,
  queued_at bigint,
  started_at bigint,
  finished_at bigint,
  reason text,
  failure text,
  unique (run_key, task_index, map_key),
  check ((state in ('success', 'failed', 'upstream_failed', 'skipped', 'cancelled', 'removed')) = (finished_at is not null)),
  check ((state = 'retrying') = (due_at is not null)),
  check (state <> 'queued' or queued_at is not null),
  check (state <> 'running' or (started_at is not null and attempt > 0)),
  check (up_success + up_failed + up_upstream_failed + up_skipped <= up_total)
) with (fillfactor = 50);

-- Mirrors task_run.state = 'queued'; written in the same transaction. `xid` is the transaction that made it ready: only
-- a younger one may claim it, so that events, which are read in the order of (xid, seq), tell both in their order.
create table ready (
  task_run_key bigint primary key,
  run_key bigint not null,
  lane_id integer not null,
  queued_at bigint not null,
  xid xid8 not null default pg_current_xact_id()
);

create index ready_by_lane on ready (lane_id, queued_at, task_run_key);
create index ready_by_run on ready (run_key, lane_id, queued_at, task_run_key);

-- Mirrors task_run.state = 'retrying' and 'deferred', which hold no slot; written in the same transaction. Apart, so that
-- no index on `task_run` hangs on its state, which changes all the time.
create table waiting (
  task_run_key bigint primary key,
  run_key bigint not null,
  -- When it is over; null = not by time.
  due_at bigint
);

create index waiting_due on waiting (due_at);
create index waiting_by_run on waiting (run_key);

-- Mirrors task_run.state = 'running'. The key says it: a task run has at most one lease. Its rows are the slots in use.
create table lease (
  task_run_key bigint primary key,
  token bigint not null,
  session_key bigint not null,
  lane_id integer not null,
  run_key bigint not null
);

create index lease_by_session on lease (session_key);
create index lease_by_lane on lease (lane_id);
create index lease_by_run on lease (run_key);

create table attempt (
  task_run_key bigint not null,
  token bigint not null,
  generation integer not null,
  attempt integer not null check (attempt >= 1),
  session_key bigint not null,
  started_at bigint not null,
  finished_at bigint,
  outcome text check (outcome in ('success', 'failed', 'skipped', 'cancelled', 'lost')),
  failure text,
  cpu_ms double precision,
  peak_memory_bytes bigint,
  primary key (task_run_key, token),
  check ((outcome is null) = (finished_at is null))
) with (fillfactor = 70);

-- The value of a task run that is a success now; a cleared task run has none.
create table output (
  task_run_key bigint primary key,
  token bigint not null,
  json text,
  blob_hash text,
  blob_bytes bigint,
  check ((json is null) <> (blob_hash is null)),
  check ((blob_hash is null) = (blob_bytes is null))
);

-- One row for each state change or fact, written in the transaction that made it true, whose number is `xid`: readers
-- stay below the oldest transaction that is still under way, so that none is skipped that commits late.
create table event (
  seq bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  at bigint not null,
  run_key bigint not null,
  body text not null,
  primary key (xid, seq)
);

create index event_by_run on event (run_key, xid, seq);

create table dead_letter (
  key bigint generated always as identity primary key,
  run_key bigint not null references run (key),
  task_run_key bigint not null,
  generation integer not null,
  state text not null check (state in ('open', 'replayed', 'resolved')),
  opened_at bigint not null,
  closed_at bigint,
  unique (task_run_key, generation),
  check ((state = 'open') = (closed_at is null))
);

create unique index dead_letter_open on dead_letter (task_run_key) where state = 'open';
create index dead_letter_by_run on dead_letter (run_key);

-- Who did what by hand, written in the transaction that did it.
create table audit (
  key bigint generated always as identity primary key,
  at bigint not null,
  project text not null,
  actor text not null,
  action text not null,
  run_key bigint references run (key),
  details text not null
);

create index audit_by_run on audit (run_key);

-- Ends a compare-and-set over several rows: all of them, or the transaction is tried again.
create function all_changed(changed bigint, expected bigint, what text) returns void language plpgsql as $$
begin
  if changed <> expected then
    raise exception '% of % % were as decided on', changed, expected, what using errcode = 'serialization_failure';
  end if;
end
$$;
