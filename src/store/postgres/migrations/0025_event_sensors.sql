-- Breaks running workers: no. An older worker asks the store about no events, and its sensors look again.

-- Of an event that a task waits for: the task run and its generation, so that who asks again is told the same.
alter table signal_use add column waiter text;

create index signal_unexpired on signal (project, name, expires_at, seq);
