-- Breaks running workers: yes. An older worker would count runs of backfills among those of their pipeline.

-- A range of intervals to run again or at last. Its intervals are no rows: the cursor walks over them.
create table backfill (
  key integer primary key autoincrement,
  project text not null,
  pipeline text not null,
  -- '' = of a pipeline without: its steps are in the request.
  schedule text not null,
  version_key integer not null references version (key),
  request_key text not null,
  state text not null check (
    state = 'running' or state = 'paused' or state = 'cancelling' or state = 'cancelled' or state = 'done'
  ),
  -- JSON: what was asked for.
  request text not null check (json_valid(request)),
  -- From the start of the first interval to the end of the last, and how many they are.
  range_start integer not null,
  range_end integer not null,
  intervals integer not null check (intervals > 0),
  -- Runs at the same time.
  max_active integer not null check (max_active > 0),
  -- The bound of the interval that was decided last; null = none was.
  cursor integer,
  -- Intervals that were left as they are, by why.
  in_flight integer not null default 0,
  succeeded integer not null default 0,
  failed integer not null default 0,
  filtered integer not null default 0,
  -- Its failed runs are being run again: those after the first key, up to the second.
  retry_after integer,
  retry_until integer,
  actor text not null,
  created_at integer not null,
  finished_at integer,
  check (range_start < range_end),
  check ((retry_after is null) = (retry_until is null)),
  check ((state = 'cancelled' or state = 'done') = (finished_at is not null))
) strict;

-- While it is unfinished, the same request finds it.
create unique index backfill_unfinished on backfill (project, request_key) where finished_at is null;
create index backfill_by_project on backfill (project, key);
create index backfill_by_pipeline on backfill (project, pipeline, key);

-- The backfill of the run, and of what it has started; null = none. Such runs take no place among those of their pipeline.
alter table run add column backfill_key integer;
-- The backfill that has made the run for one of its intervals, unless it has made another for it since.
alter table run add column made_by_backfill integer;

create index run_made_by_backfill on run (made_by_backfill, state, key) where made_by_backfill is not null;
drop index run_running;
create index run_running on run (project, pipeline) where state = 'running' and backfill_key is null;

-- The run works on several intervals of its schedule at once.
alter table run_request add column is_wide integer not null default 0 check (is_wide in (0, 1));
create index run_request_wide on run_request (project, pipeline, interval_end) where is_wide = 1;

-- The backfill whose runs the session executes, beside those that it names; null = none.
alter table session add column backfill_key integer;
