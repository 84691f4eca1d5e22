/** A store in which much has happened long ago: finished runs of one pipeline, and all that they leave behind. */
export interface History {
  readonly project: string;
  readonly pipeline: string;
  readonly requestKey: string;
  readonly runs: number;
  readonly tasksInRun: number;
}

const LONG_AGO = 1_700_000_000_000;
const DAY_MS = 86_400_000;

/**
 * SQL that both databases understand, for one that has a version and a session, and no runs: their keys are those that the
 * database gives, 1, 2, …. Half of the intervals are before 1970, half after it.
 */
export function historySql(history: History): readonly string[] {
  return [...runsSql(history), ...taskRunsSql(history), ...besidesSql(history)];
}

function runsSql({ project, pipeline, requestKey, runs, tasksInRun }: History): readonly string[] {
  const start = `(n - ${Math.floor(runs / 2)}) * cast(${DAY_MS} as bigint)`;
  return [
    `insert into run (id, project, pipeline, version_key, state, first_key, task_count, unfinished, failing, created_at,
      started_at, finished_at, request_key)
    ${past(runs)}
    select 'past-' || n, '${project}', '${pipeline}', (select min(key) from version), 'success', 1 + n * ${tasksInRun},
      ${tasksInRun}, 0, 0, ${LONG_AGO}, ${LONG_AGO}, ${LONG_AGO}, '${requestKey}' from past order by n`,
    `insert into run_request (run_key, trigger_kind, interval_start, interval_end, timezone, ds, params, actor, project,
      pipeline)
    ${past(runs)} select n + 1, 'manual', ${start}, ${start} + ${DAY_MS}, 'UTC', '2023-11-14', '{}', 'past', '${project}',
      '${pipeline}' from past`,
  ];
}

function taskRunsSql({ runs, tasksInRun }: History): readonly string[] {
  const parts = `${past(runs)}, part (t) as (select 0 union all select t + 1 from part where t + 1 < ${tasksInRun})`;
  const each = "from past cross join part";
  const key = `1 + n * ${tasksInRun} + t`;
  return [
    `insert into task_run (key, run_key, task_index, map_key, state, generation, attempt, token, lost, up_total,
      up_success, up_failed, up_upstream_failed, up_skipped, lane_id, queued_at, started_at, finished_at)
    ${parts} select ${key}, n + 1, t, '', 'success', 1, 1, 1, 0, case when t = 0 then 0 else 1 end,
      case when t = 0 then 0 else 1 end, 0, 0, 0, 1, ${LONG_AGO}, ${LONG_AGO}, ${LONG_AGO} ${each}`,
    `insert into attempt (task_run_key, token, generation, attempt, session_key, started_at, finished_at, outcome, cpu_ms,
      peak_memory_bytes)
    ${parts} select ${key}, 1, 1, 1, (select min(key) from session), ${LONG_AGO}, ${LONG_AGO}, 'success', 0.5, 50000000
    ${each}`,
    `insert into output (task_run_key, token, json) ${parts} select ${key}, 1, '{"rows":' || t || '}' ${each}`,
    ...["scheduled queued", "queued running", "running success"].map((edge) => {
      const [from, to] = edge.split(" ");
      const body = `'{"kind":"task_state","taskIndex":' || t || ',"mapKey":"","from":"${from}","to":"${to}","generation":1,"attempt":1,"token":1}'`;
      return `insert into event (at, run_key, body) ${parts} select ${LONG_AGO}, n + 1, ${body} ${each}`;
    }),
    `update counter set next = next + ${runs * tasksInRun} where name = 'task_run'`,
  ];
}

/** Dead letters that are closed, actions, sessions, results, limits, and runs that others have started: one for each run. */
function besidesSql({ project, runs, tasksInRun }: History): readonly string[] {
  const key = `1 + n * ${tasksInRun}`;
  return [
    `insert into dead_letter (run_key, task_run_key, generation, state, opened_at, closed_at, assigned_to)
    ${past(runs)} select n + 1, ${key}, 1, 'resolved', ${LONG_AGO}, ${LONG_AGO}, 'bert' from past`,
    `insert into audit (at, project, actor, action, run_key, details)
    ${past(runs)} select ${LONG_AGO}, '${project}', 'past', 'clear', n + 1, '{}' from past`,
    `insert into session (id, project, role, hostname, host_id, pid, start_time, lease_ms, opened_at, renewed_at, closed_at)
    ${past(runs)} select 'past-' || n, '${project}', 'server', 'host', 'boot', n, '1', 1, ${LONG_AGO}, ${LONG_AGO},
      ${LONG_AGO} from past`,
    `insert into cache_entry (project, key, run_id, task_run_key, json, created_at, expires_at)
    ${past(runs)} select '${project}', 'past-' || n, 'past-' || n, ${key}, '1', ${LONG_AGO}, ${LONG_AGO} from past`,
    `insert into signal (project, name, id, payload, at, is_kept)
    ${past(runs)} select '${project}', 'orders', 'past-' || n, '{}', ${LONG_AGO}, (1 = 1) from past`,
    `insert into signal_use (signal_seq, consumer, run_key)
    ${past(runs)} select n + 1, 'trigger:1', n + 1 from past`,
    `insert into scope (project, name, slots) ${past(runs)} select '${project}', 'run:past-' || n, 1 from past`,
    `insert into child_run (task_run_key, generation, attempt, run_key, child_key, root_key, depth, is_awaited)
    ${past(runs)} select ${key}, 1, 1, n + 1, n + 2, n + 1, 1, (1 = 0) from past where n % 2 = 0 and n + 1 < ${runs}`,
  ];
}

function past(runs: number): string {
  return `with recursive past (n) as (select 0 union all select n + 1 from past where n + 1 < ${runs})`;
}
