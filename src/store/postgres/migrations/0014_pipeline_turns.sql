-- Breaks running workers: no. An older worker leaves the turns as they are.

-- When a pipeline was served: its lanes come and go with its runs, and say nothing of it once they are empty.
create table pipeline_turn (
  project text not null,
  pipeline text not null,
  queue text not null,
  priority float8 not null,
  served_at bigint not null,
  primary key (project, pipeline, queue, priority)
) with (fillfactor = 50);
