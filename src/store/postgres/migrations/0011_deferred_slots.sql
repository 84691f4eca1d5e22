-- Breaks running workers: yes. An older worker would not give back the slots that a deferred task run has kept.

-- A task run of it that waits within its attempt keeps its slots of it: `lease_scope` outlives the lease then.
alter table scope add column count_deferred boolean not null default false;
