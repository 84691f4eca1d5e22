-- Breaks running workers: no. It says to the planner what it cannot see.

-- One plan is kept for all values, so it must be good for a pipeline that has hardly any rows among the many of another.
-- Fresh statistics of a store with one busy pipeline say that every row is its own: then the planner reads the newest
-- rows until it has enough, which for the other pipeline are all. These numbers hold from the next ANALYZE on.
alter table run alter column project set (n_distinct = 100), alter column pipeline set (n_distinct = 1000);
alter table run_request alter column project set (n_distinct = 100), alter column pipeline set (n_distinct = 1000);
alter table dead_letter alter column project set (n_distinct = 100), alter column pipeline set (n_distinct = 1000),
  alter column assigned_to set (n_distinct = 1000);
