-- Breaks running workers: no. Polls that an older worker has taken are due again when their time is over, as before.

-- The session that has taken the last poll and not reported it yet: when it is reaped, the poll is due at once.
alter table watch add column session_key integer;

create index watch_taken on watch (session_key) where session_key is not null;
