-- Breaks running workers: no. They open and replay letters as before; the trigger gives theirs what is new.

alter table dead_letter add column project text not null default '';
alter table dead_letter add column pipeline text not null default '';
-- Who has taken it on; kept when it is closed.
alter table dead_letter add column assigned_to text;
alter table dead_letter add column note text;
alter table dead_letter add column closed_by text;

update dead_letter set
  project = (select run.project from run where run.key = dead_letter.run_key),
  pipeline = (select run.pipeline from run where run.key = dead_letter.run_key);

-- A letter is opened for a run, whose pipeline the inbox is read by: no statement that opens one has to say it.
create trigger dead_letter_of_run after insert on dead_letter begin
  update dead_letter set
    project = (select run.project from run where run.key = new.run_key),
    pipeline = (select run.pipeline from run where run.key = new.run_key)
  where key = new.key;
end;

create index dead_letter_by_project on dead_letter (project, key);
create index dead_letter_by_pipeline on dead_letter (project, pipeline, key);
create index dead_letter_by_state on dead_letter (project, state, key);
create index dead_letter_by_pipeline_state on dead_letter (project, pipeline, state, key);
create index dead_letter_by_assignee on dead_letter (project, assigned_to, key) where assigned_to is not null;
