-- Breaks running workers: no. An older worker runs no task that has a cursor, for it cannot load one.

-- How far tasks have read their sources. Moved in the transaction that makes the task a success, or by a person.
create table source_cursor (
  project text not null,
  pipeline text not null,
  name text not null,
  -- Grows with each move; 0 = never moved.
  version integer not null,
  -- JSON; null = never moved.
  value text,
  moved_at integer,
  -- Who moved it last: a task of a run, or a person.
  run_id text,
  task text,
  actor text,
  primary key (project, pipeline, name)
) strict;
