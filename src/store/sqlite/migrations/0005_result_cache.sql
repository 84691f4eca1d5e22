-- Breaks running workers: no. An older worker computes everything anew, as before.

-- Results that are taken again when the same is asked for: the last one made for each key.
create table cache_entry (
  project text not null,
  -- SHA-256 of task, code, inputs and parameters.
  key text not null,
  run_id text not null,
  task_run_key integer not null,
  -- The value, as in `output`; null = the task gave none.
  json text,
  blob_hash text,
  blob_bytes integer,
  created_at integer not null,
  -- null = never.
  expires_at integer,
  primary key (project, key),
  check (json is null or blob_hash is null),
  check ((blob_hash is null) = (blob_bytes is null))
) strict;
