-- Breaks running workers: yes. An older worker would start what a gate still holds back, and leave maps unexpanded.

-- Gates that have not finished yet, and the worst that one has said: `skip:3` or `upstream_failed:3`, by the gate's index.
alter table task_run add column up_gates integer not null default 0 check (up_gates >= 0);
alter table task_run add column up_shut text;
-- JSON: what was decided for it while the run went on (core/run-decision.ts).
alter table task_run add column decision text;
-- What its item is called.
alter table task_run add column label text;

-- Of a list that a map goes over: how many items it has, and as JSON their labels by the path they are read from.
alter table output add column items integer check (items >= 0);
alter table output add column labels text;

-- Keys of the task runs of items, apart from those that runs are created with, which are handed out in blocks.
create sequence item_key minvalue 1000000000000000;
