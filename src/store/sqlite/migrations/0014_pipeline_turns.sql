-- Breaks running workers: no. An older worker leaves the turns as they are.

-- When a pipeline was served: its lanes come and go with its runs, and say nothing of it once they are empty.
create table pipeline_turn (
  project text not null,
  pipeline text not null,
  queue text not null,
  priority real not null,
  served_at integer not null,
  primary key (project, pipeline, queue, priority)
) strict, without rowid;
