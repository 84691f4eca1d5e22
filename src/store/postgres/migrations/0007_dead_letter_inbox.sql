-- Breaks running workers: no. They open and replay letters as before; the trigger gives theirs what is new.

alter table dead_letter add column project text not null default '';
alter table dead_letter add column pipeline text not null default '';
-- Who has taken it on; kept when it is closed.
alter table dead_letter add column assigned_to text;
alter table dead_letter add column note text;
alter table dead_letter add column closed_by text;

update dead_letter set project = run.project, pipeline = run.pipeline from run where run.key = dead_letter.run_key;

-- A letter is opened for a run, whose pipeline the inbox is read by: no statement that opens one has to say it.
create function name_dead_letter() returns trigger language plpgsql as $$
begin
  select run.project, run.pipeline into new.project, new.pipeline from run where run.key = new.run_key;
  return new;
end $$;

create trigger dead_letter_of_run before insert on dead_letter for each row execute function name_dead_letter();

create index dead_letter_by_project on dead_letter (project, key);
create index dead_letter_by_pipeline on dead_letter (project, pipeline, key);
create index dead_letter_by_state on dead_letter (project, state, key);
create index dead_letter_by_pipeline_state on dead_letter (project, pipeline, state, key);
create index dead_letter_by_assignee on dead_letter (project, assigned_to, key) where assigned_to is not null;
