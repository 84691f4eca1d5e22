-- Breaks running workers: no. An older worker deploys no deadlines of assets, and what it makes is not noted for them.

-- Assets that must be made once a day by a time of day, as the project's current version says.
create table asset_deadline (
  project text not null,
  asset text not null,
  -- JSON: the time of day and its zone.
  spec text not null,
  -- The next moment; null = the current version has no such deadline.
  next_at bigint,
  -- When it was made last, and by which run.
  made_at bigint,
  made_by text,
  -- The last moment that was missed, and when that was found.
  missed_due bigint,
  missed_at bigint,
  primary key (project, asset)
);

create index asset_deadline_due on asset_deadline (next_at) where next_at is not null;
