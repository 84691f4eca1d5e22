-- Breaks running workers: yes. A lane names its scopes where it named a task with a limit.

-- What several task runs share and of which there is only so much: `pool:warehouse`, `tag:heavy`, `task:daily/load`, …
-- A limit is that of the version used last: it applies to all from then on.
create table scope (
  id bigint generated always as identity primary key,
  project text not null,
  name text not null,
  -- null = as many as there are.
  slots integer check (slots >= 0),
  -- What an operator has set in place of `slots`.
  override integer check (override >= 0),
  -- What becomes of a task run that finds its key taken; null = it waits.
  overflow text check (overflow in ('queue', 'skip', 'cancel_oldest')),
  -- So many attempts may start in any window of this length.
  rate_limit integer check (rate_limit >= 0),
  rate_ms bigint check (rate_ms > 0),
  unique (project, name),
  check ((rate_limit is null) = (rate_ms is null))
);

-- `scopes` is JSON, [["pool:warehouse", 2], …], sorted by name; '' and 0 = nothing limits the lane.
alter table lane rename column task to scopes;
alter table lane rename column task_concurrency to scope_count;
drop index lane_of_task;

-- A digest, since an index has no room for many long names.
alter table lane drop constraint lane_project_queue_priority_pipeline_task_key;
create unique index lane_identity on lane (project, queue, priority, pipeline, md5(scopes));

create table lane_scope (
  lane_id integer not null,
  scope_id bigint not null,
  -- Slots that each task run of the lane takes.
  weight integer not null check (weight >= 1),
  primary key (lane_id, scope_id)
);

-- The slots in use: written with the lease of a lane that has scopes, and deleted with it.
create table lease_scope (
  scope_id bigint not null,
  task_run_key bigint not null,
  weight integer not null check (weight >= 1),
  since bigint not null,
  primary key (scope_id, task_run_key)
);

create index lease_scope_by_task_run on lease_scope (task_run_key);

-- Starts of attempts that a rate counts; those that have left its window are deleted when it is next looked at.
create table rate_start (
  scope_id bigint not null,
  at bigint not null,
  starts integer not null check (starts >= 1)
);

create index rate_start_by_scope on rate_start (scope_id, at);

-- A pipeline that is not here is not paused.
create table pipeline_state (
  project text not null,
  pipeline text not null,
  paused_at bigint not null,
  paused_by text not null,
  reason text,
  primary key (project, pipeline)
);

-- Runs that take a place of their pipeline's, and those that wait for one, the oldest first.
create index run_running on run (project, pipeline) where state = 'running';
create index run_queued on run (project, pipeline, key) where state = 'queued';
-- What tasks usually take is read from the last runs that succeeded.
create index run_succeeded on run (project, pipeline, key) where state = 'success';

insert into scope (project, name, slots)
select project, 'task:' || pipeline || '/' || scopes, max(scope_count) from lane where scopes <> '' group by 1, 2;

insert into lane_scope (lane_id, scope_id, weight)
select lane.id, scope.id, 1
from lane join scope on scope.project = lane.project and scope.name = 'task:' || lane.pipeline || '/' || lane.scopes
where lane.scopes <> '';

insert into lease_scope (scope_id, task_run_key, weight, since)
select lane_scope.scope_id, lease.task_run_key, 1, 0 from lease join lane_scope on lane_scope.lane_id = lease.lane_id;

update lane set scopes = '[["task:' || pipeline || '/' || scopes || '",1]]', scope_count = 1 where scopes <> '';
