-- Breaks running workers: no. Events from outside stand in tables of their own, which older workers do not read.

-- Events that people and programs send. `xid` is the transaction that has sent it: readers go in the order of (xid, seq)
-- and stay below the oldest transaction that is still under way, so that none is skipped that commits late.
create table signal (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  project text not null,
  name text not null,
  -- The second one with this id is the same event.
  id text not null,
  key text,
  payload text not null,
  at bigint not null,
  -- Then it may be deleted; null = not by time.
  expires_at bigint,
  -- A run has taken it: it stays as long as the run.
  is_kept boolean not null default false,
  unique (project, name, id)
);

create index signal_by_name on signal (project, name, xid, seq);
create index signal_expiring on signal (expires_at) where not is_kept and expires_at is not null;
