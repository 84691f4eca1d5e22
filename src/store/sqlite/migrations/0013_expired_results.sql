-- Breaks running workers: no. Indexes alone.

-- Results whose time is over go when another is kept.
create index cache_entry_expiring on cache_entry (expires_at) where expires_at is not null;
