-- Breaks running workers: yes. An older worker would leave a task that waits for a file or another thing waiting for ever.

-- Sensors that wait: mirrors task_run.state = 'deferred' where its reason is 'sensor'; written in the same transaction.
create table watch (
  task_run_key bigint primary key,
  run_key bigint not null,
  generation integer not null,
  -- Of its run and its task, told again so that what is due is found by index.
  project text not null,
  queue text not null,
  -- Of the last poll that somebody has taken; larger than any of an earlier wait of the same task run.
  token bigint not null,
  begun_at bigint not null,
  -- When the next poll is due; while one is under way, when that counts as lost.
  next_poll_at bigint not null,
  lost_poll_ms bigint not null check (lost_poll_ms > 0),
  timeout_ms bigint not null check (timeout_ms > 0),
  -- Fixed by the first poll; it never moves.
  deadline bigint,
  polls integer not null check (polls >= 0),
  -- Polls that went wrong, one after the other.
  errors integer not null check (errors between 0 and polls),
  last_poll_at bigint,
  seen text,
  failure text,
  memory text
);

create index watch_due on watch (project, queue, next_poll_at);
create index watch_by_run on watch (run_key, next_poll_at);
create index watch_by_deadline on watch (deadline) where deadline is not null;
