-- Breaks running workers: yes. A task run may wait for a run of another pipeline, which an older worker cannot start.

-- Runs that tasks of other runs have started: one for each attempt. Written with the run.
create table child_run (
  -- The attempt that has started it.
  task_run_key bigint not null,
  generation integer not null,
  attempt integer not null,
  run_key bigint not null references run (key),
  child_key bigint not null unique references run (key),
  -- The run with which it all began.
  root_key bigint not null,
  depth integer not null check (depth >= 1),
  -- The attempt waits for its end.
  is_awaited boolean not null,
  primary key (task_run_key, generation, attempt)
);

create index child_run_by_parent on child_run (run_key);
create index child_run_awaited on child_run (child_key) where is_awaited;
