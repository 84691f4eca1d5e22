-- Breaks running workers: no. Indexes alone: an older worker asks as before, and finds what it asks for by the key.

-- Runs are read by their state, newest first, and those of one pipeline on their own. Not of the finished ones alone: for
-- those of the others that are running SQLite would rather read all of the pipeline, which it finds in their order.
create index run_by_state on run (project, state, key);
create index run_by_state_of_pipeline on run (project, pipeline, state, key);
drop index run_succeeded;

-- Who asks by the request looks for what is not finished: the same is asked for again and again.
create index run_unfinished_of_request on run (request_key, key) where finished_at is null;
drop index run_by_request;

-- Clearing the past or the future goes from interval to interval.
create index run_request_whole on run_request (project, pipeline, interval_start, interval_end, run_key)
  where only_tasks is null;
