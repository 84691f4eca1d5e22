-- Breaks running workers: no. An older worker looks for no files, and keeps what it does not know of a trigger.

-- JSON: why a trigger cannot look for its files, and since when.
alter table event_trigger add column look_fault text;

create index event_trigger_files on event_trigger (project, key)
  where removed_at is null and substr(event, 1, 5) = 'file:';
