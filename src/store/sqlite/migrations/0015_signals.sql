-- Breaks running workers: no. Events from outside stand in tables of their own, which older workers do not read.

-- Events that people and programs send. Their numbers grow in the order of commits.
create table signal (
  seq integer primary key autoincrement,
  project text not null,
  name text not null,
  -- The second one with this id is the same event.
  id text not null,
  key text,
  payload text not null check (json_valid(payload)),
  at integer not null,
  -- Then it may be deleted; null = not by time.
  expires_at integer,
  -- A run has taken it: it stays as long as the run.
  is_kept integer not null default 0 check (is_kept in (0, 1)),
  unique (project, name, id)
) strict;

create index signal_by_name on signal (project, name, seq);
create index signal_expiring on signal (expires_at) where is_kept = 0 and expires_at is not null;
