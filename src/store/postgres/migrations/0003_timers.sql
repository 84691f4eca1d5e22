-- Breaks running workers: no. An older worker lets no deadline come, as before.

-- Deadlines that have begun and not ended: of a run, or of a generation of a task run. Written with what begins them.
create table timer (
  run_key bigint not null references run (key),
  -- 0 = the run's own.
  task_run_key bigint not null,
  kind text not null check (kind in ('run_timeout', 'cleanup', 'total_timeout')),
  generation integer not null,
  due_at bigint not null,
  primary key (run_key, task_run_key, kind),
  check ((task_run_key = 0) = (kind <> 'total_timeout'))
);

create index timer_due on timer (due_at);
