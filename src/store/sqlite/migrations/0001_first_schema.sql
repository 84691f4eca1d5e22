-- Breaks running workers: no. The first schema.
-- In the checks of hot tables `or` stands for `in`: SQLite would build a table for each `in` with every row written.

-- A compiled project, named by the hash of its content; never changes.
create table version (
  key integer primary key,
  hash text not null unique,
  project text not null,
  manifest text not null check (json_valid(manifest)),
  saved_at integer not null
) strict;

-- Who runs attempts: one row per process, renewed as one, to which its leases point.
create table session (
  key integer primary key autoincrement,
  id text not null unique,
  project text not null,
  role text not null check (role in ('run', 'server')),
  hostname text not null,
  host_id text not null,
  pid integer not null,
  start_time text not null,
  lease_ms integer not null check (lease_ms > 0),
  -- JSON array of the ids of the runs it executes; null = all of the project's.
  runs text check (runs is null or json_type(runs) = 'array'),
  opened_at integer not null,
  renewed_at integer not null,
  closed_at integer
) strict;

create index session_open on session (key) where closed_at is null;

create table run (
  key integer primary key autoincrement,
  id text not null unique,
  project text not null,
  pipeline text not null,
  version_key integer not null references version (key),
  state text not null check (
    state = 'queued' or state = 'running' or state = 'cancelling' or state = 'success'
    or state = 'failed' or state = 'cancelled'
  ),
  -- Its task runs have the keys from here on, by task index.
  first_key integer not null unique,
  task_count integer not null check (task_count >= 0),
  unfinished integer not null check (unfinished >= 0),
  failing integer not null check (failing >= 0),
  created_at integer not null,
  started_at integer,
  finished_at integer,
  reason text,
  request_key text not null,
  check ((state = 'success' or state = 'failed' or state = 'cancelled') = (finished_at is not null)),
  check (state <> 'queued' or started_at is null),
  check (state = 'queued' or state = 'cancelled' or started_at is not null),
  check (finished_at is null or unfinished = 0),
  check (unfinished <= task_count and failing <= task_count - unfinished)
) strict;

create index run_by_project on run (project, key);
create index run_by_pipeline on run (project, pipeline, key);
create index run_by_request on run (request_key, key);
-- `finished_at` first, though it is always null here: without it SQLite would rather read the whole table.
create index run_unfinished on run (finished_at, project, pipeline, key) where finished_at is null;

-- What was asked for. Apart from `run`, whose row is written with every completion.
create table run_request (
  run_key integer primary key references run (key),
  trigger_kind text not null check (trigger_kind in ('schedule', 'manual', 'backfill', 'asset', 'api', 'sensor')),
  interval_start integer not null,
  interval_end integer not null,
  timezone text not null,
  ds text not null,
  params text not null check (json_valid(params)),
  -- JSON array of task indexes; null = all tasks.
  only_tasks text check (only_tasks is null or json_type(only_tasks) = 'array'),
  borrows_from text,
  actor text not null,
  check (interval_start <= interval_end)
) strict;

-- Everything that limits a ready task run. A limit is that of the version used last: it applies to all from then on.
create table lane (
  id integer primary key,
  project text not null,
  queue text not null,
  priority real not null,
  pipeline text not null,
  -- '' and 0 = no limit of the task's own.
  task text not null,
  task_concurrency integer not null check ((task = '') = (task_concurrency = 0)),
  served_at integer not null,
  unique (project, queue, priority, pipeline, task)
) strict;

create index lane_of_task on lane (project, pipeline, task) where task <> '';

create table task_run (
  key integer primary key,
  run_key integer not null references run (key),
  task_index integer not null check (task_index >= 0),
  map_key text not null,
  state text not null check (
    state = 'scheduled' or state = 'queued' or state = 'running' or state = 'retrying'
    or state = 'deferred' or state = 'success' or state = 'failed' or state = 'upstream_failed'
    or state = 'skipped' or state = 'cancelled' or state = 'removed'
  ),
  generation integer not null check (generation >= 1),
  attempt integer not null check (attempt >= 0),
  token integer not null check (token >= attempt),
  lost integer not null check (lost between 0 and attempt),
  up_total integer not null,
  up_success integer not null check (up_success >= 0),
  up_failed integer not null check (up_failed >= 0),
  up_upstream_failed integer not null check (up_upstream_failed >= 0),
  up_skipped integer not null check (up_skipped >= 0),
  lane_id integer not null,
  due_at integer,
  queued_at integer,
  started_at integer,
  finished_at integer,
  reason text,
  failure text check (failure is null or json_valid(failure)),
  unique (run_key, task_index, map_key),
  check ((
    state = 'success' or state = 'failed' or state = 'upstream_failed' or state = 'skipped' or state = 'cancelled'
    or state = 'removed'
  ) = (finished_at is not null)),
  check ((state = 'retrying') = (due_at is not null)),
  check (state <> 'queued' or queued_at is not null),
  check (state <> 'running' or (started_at is not null and attempt > 0)),
  check (up_success + up_failed + up_upstream_failed + up_skipped <= up_total)
) strict;

-- Mirrors task_run.state = 'queued', in the order of claiming; written in the same transaction.
create table ready (
  lane_id integer not null references lane (id),
  queued_at integer not null,
  task_run_key integer not null,
  run_key integer not null,
  primary key (lane_id, queued_at, task_run_key)
) strict, without rowid;

create index ready_by_run on ready (run_key, lane_id, queued_at, task_run_key);

-- Mirrors task_run.state = 'retrying' and 'deferred', which hold no slot; written in the same transaction. Apart, so that
-- no index on `task_run` hangs on its state, which changes all the time.
create table waiting (
  task_run_key integer primary key,
  run_key integer not null,
  -- When it is over; null = not by time.
  due_at integer
) strict;

create index waiting_due on waiting (due_at);
create index waiting_by_run on waiting (run_key);

-- Mirrors task_run.state = 'running'. The key says it: a task run has at most one lease. Its rows are the slots in use.
create table lease (
  task_run_key integer primary key references task_run (key),
  token integer not null,
  session_key integer not null references session (key),
  lane_id integer not null references lane (id),
  run_key integer not null
) strict;

create index lease_by_session on lease (session_key);
create index lease_by_lane on lease (lane_id);
create index lease_by_run on lease (run_key);

create table attempt (
  task_run_key integer not null references task_run (key),
  token integer not null,
  generation integer not null,
  attempt integer not null check (attempt >= 1),
  session_key integer not null,
  started_at integer not null,
  finished_at integer,
  outcome text check (
    outcome = 'success' or outcome = 'failed' or outcome = 'skipped' or outcome = 'cancelled' or outcome = 'lost'
  ),
  failure text check (failure is null or json_valid(failure)),
  cpu_ms real,
  peak_memory_bytes integer,
  primary key (task_run_key, token),
  check ((outcome is null) = (finished_at is null))
) strict, without rowid;

-- The value of a task run that is a success now; a cleared task run has none.
create table output (
  task_run_key integer primary key references task_run (key),
  token integer not null,
  json text,
  blob_hash text,
  blob_bytes integer,
  check ((json is null) <> (blob_hash is null)),
  check ((blob_hash is null) = (blob_bytes is null))
) strict;

-- One row for each state change or fact, written in the transaction that made it true.
create table event (
  seq integer primary key autoincrement,
  at integer not null,
  run_key integer not null,
  body text not null
) strict;

create index event_by_run on event (run_key);

create table dead_letter (
  key integer primary key,
  run_key integer not null references run (key),
  task_run_key integer not null references task_run (key),
  generation integer not null,
  state text not null check (state in ('open', 'replayed', 'resolved')),
  opened_at integer not null,
  closed_at integer,
  unique (task_run_key, generation),
  check ((state = 'open') = (closed_at is null))
) strict;

create unique index dead_letter_open on dead_letter (task_run_key) where state = 'open';
create index dead_letter_by_run on dead_letter (run_key);

-- Who did what by hand, written in the transaction that did it.
create table audit (
  key integer primary key autoincrement,
  at integer not null,
  project text not null,
  actor text not null,
  action text not null,
  run_key integer references run (key),
  details text not null check (json_valid(details))
) strict;

create index audit_by_run on audit (run_key);

-- Numbers that only grow: the next free task-run key, and the lanes' rotation.
create table counter (
  name text primary key,
  next integer not null
) strict, without rowid;

insert into counter (name, next) values ('task_run', 1), ('rotation', 1);
