-- Breaks running workers: no. An older worker creates runs without deadlines, and looks at none.

-- By when a run, or a task of it, must have ended. Written with the run, and looked at when it could be missed.
create table deadline (
  run_key bigint not null references run (key),
  -- -1 = the run's own.
  task_index integer not null,
  -- In the list of what it is for.
  place integer not null,
  -- When it began, for the first time or anew.
  since bigint not null,
  -- Null = the moment is that of the clock or the calendar.
  allowed_ms bigint,
  -- When to look at it; null = it was missed, or is over.
  due_at bigint,
  missed_at bigint,
  -- JSON: what there is to know of the miss.
  missed text,
  primary key (run_key, task_index, place),
  check ((missed_at is null) = (missed is null)),
  check (missed_at is null or due_at is null)
);

create index deadline_due on deadline (due_at) where due_at is not null;
