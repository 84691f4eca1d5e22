-- Breaks running workers: no. Indexes alone.

-- Results whose time is over go when another is kept.
create index cache_entry_expiring on cache_entry (expires_at) where expires_at is not null;

-- Scopes are listed by the beginning of their name: there is one for each run that is limited.
create index scope_by_name on scope (project, name collate "C");

-- Where nothing has failed for long, all have one state: see the migration before this one.
alter table dead_letter alter column state set (n_distinct = 20);
alter table run alter column state set (n_distinct = 20);
