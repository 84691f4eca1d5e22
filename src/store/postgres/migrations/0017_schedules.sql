-- Breaks running workers: no. An older worker deploys nothing and fires no schedule, as before.

-- What a project runs now: the version that was deployed last.
create table deployment (
  project text primary key,
  version_hash text not null references version (hash),
  -- JSON: name of a pipeline whose file is broken -> hash of the version that has it as it was good last.
  kept text not null,
  -- JSON array: what is wrong with which file.
  faults text not null,
  deployed_at bigint not null,
  deployed_by text not null
);

-- Never deleted, so that a mark never goes back, and no interval has a second run when a schedule comes again.
create table schedule (
  key bigint generated always as identity primary key,
  project text not null,
  pipeline text not null,
  name text not null,
  -- Grows with each edit; whoever has planned by another one does nothing.
  generation integer not null check (generation >= 1),
  spec text not null,
  -- When it was deployed: where a schedule without a start of its own begins.
  origin bigint not null,
  -- End of the last interval that was decided; null = none has been.
  mark bigint,
  -- When to look at it again; null = not by time, and `rest` says why.
  next_at bigint,
  rest text check (rest in ('off', 'paused', 'ended', 'run', 'code')),
  -- The last run it has made.
  last_run text collate "C",
  -- JSON: the ticks that its function has named.
  answer text,
  -- JSON: why nothing comes of it, since when, and how often it was tried.
  fault text,
  -- The current version has no such schedule.
  removed_at bigint,
  unique (project, pipeline, name),
  check (next_at is null or rest is null),
  check (removed_at is null or next_at is null)
) with (fillfactor = 70);

create index schedule_due on schedule (next_at) where next_at is not null;
create index schedule_resting on schedule (rest, key) where next_at is null and removed_at is null;

-- Ticks that were left out; what follows without a gap makes the range longer.
create table schedule_gap (
  schedule_key bigint not null references schedule (key),
  -- `missed` while nobody was there, or `calendar`: its filters let none of them through.
  reason text not null check (reason in ('missed', 'calendar')),
  from_at bigint not null,
  to_at bigint not null,
  ticks bigint not null check (ticks > 0),
  primary key (schedule_key, to_at),
  check (from_at <= to_at)
);

-- One run for one interval of a schedule, whoever makes it (TI-3).
create table scheduled_run (
  schedule_key bigint not null references schedule (key),
  interval_end bigint not null,
  run_id text collate "C" not null,
  primary key (schedule_key, interval_end)
);
