-- Breaks running workers: yes. The run before another is that of the same schedule; an older worker looks for the same trigger.

-- The schedule whose interval the run works on, whatever has triggered it; '' = none.
alter table run_request add column schedule text not null default '';
-- After a change of schedule an interval may be shorter or longer than a step of it.
alter table run_request add column is_partial boolean not null default false;

drop index run_request_by_interval;
create index run_request_by_interval on run_request
  (project, pipeline, schedule, interval_start, interval_end, run_key);
