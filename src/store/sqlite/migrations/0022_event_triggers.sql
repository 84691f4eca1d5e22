-- Breaks running workers: no. An older worker sends no event when a run ends, and no trigger waits for it yet.

-- What starts runs when something happens; one that is deployed no more keeps its row.
create table event_trigger (
  key integer primary key,
  project text not null,
  pipeline text not null,
  name text not null,
  -- Grows with each edit; whoever has planned by another one does nothing.
  generation integer not null check (generation >= 1),
  spec text not null check (json_valid(spec)),
  -- The name of the events that it listens to.
  event text not null,
  -- It has decided on all events up to this one.
  cursor_seq integer not null,
  -- Grows whenever events come, so that none is overlooked that comes while it is looked at.
  wakes integer not null default 0,
  -- When to look at it; null = when events come.
  next_at integer,
  -- Its batch allows no other run before.
  open_at integer not null default 0,
  last_run text,
  -- JSON: what went wrong last, since when, and how often.
  fault text,
  removed_at integer,
  unique (project, pipeline, name),
  check (removed_at is null or next_at is null)
) strict;

create index event_trigger_due on event_trigger (project, next_at) where next_at is not null;
create index event_trigger_listening on event_trigger (project, event) where removed_at is null;

-- How far the triggers of a project have been told of its events.
create table signal_feed (
  project text primary key,
  cursor_seq integer not null
) strict, without rowid;

create index signal_in_order on signal (project, seq);

-- Who has taken which event: each takes it once, whoever races.
create table signal_use (
  signal_seq integer not null references signal (seq),
  -- `trigger:KEY`.
  consumer text not null,
  -- The run that it was taken for; null = it was refused, and `fault` says why.
  run_key integer references run (key),
  fault text,
  primary key (signal_seq, consumer),
  check ((run_key is null) <> (fault is null))
) strict, without rowid;

create index signal_use_refused on signal_use (consumer, signal_seq) where fault is not null;
create index signal_use_by_run on signal_use (run_key) where run_key is not null;
