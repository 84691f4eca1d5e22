-- Breaks running workers: yes. A task run may wait for the run before its own, which an older worker would not let go.

-- Told again here, so that the run before another is found by index.
alter table run_request add column project text;
alter table run_request add column pipeline text;

update run_request
set project = (select run.project from run where run.key = run_request.run_key),
  pipeline = (select run.pipeline from run where run.key = run_request.run_key);

create index run_request_by_interval on run_request
  (project, pipeline, trigger_kind, interval_start, interval_end, run_key);
