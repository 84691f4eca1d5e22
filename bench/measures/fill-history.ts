import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import type { BenchDatabase } from "./bench-store.ts";

const TASKS_IN_RUN = 100;

/** Fills a fresh database with finished runs, each of 100 tasks, as if they had been executed long ago. */
export async function fillHistory({ url, name }: BenchDatabase, path: string, taskRuns: number): Promise<void> {
  const statements = historySql(Math.ceil(taskRuns / TASKS_IN_RUN));
  if (url === undefined) {
    const database = new DatabaseSync(path);
    for (const sql of statements) database.exec(sql);
    database.exec("pragma wal_checkpoint(truncate)");
    database.close();
    return;
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`set search_path to ${name}`);
  for (const sql of statements) await client.query(sql);
  await client.query("checkpoint");
  await client.end();
}

/** SQL that both databases understand. The keys of runs are those that the database gives: 1, 2, … */
function historySql(runs: number): readonly string[] {
  const ofRuns = `with recursive past (n) as (select 0 union all select n + 1 from past where n + 1 < ${runs})`;
  const ofTaskRuns = `${ofRuns}, part (t) as (select 0 union all select t + 1 from part where t + 1 < ${TASKS_IN_RUN})`;
  const key = `1 + n * ${TASKS_IN_RUN} + t`;
  const at = "1700000000000";
  return [
    `insert into run (id, project, pipeline, version_key, state, first_key, task_count, unfinished, failing, created_at,
      started_at, finished_at, request_key)
    ${ofRuns}
    select 'past-' || n, 'bench', 'chain', (select min(key) from version), 'success', 1 + n * ${TASKS_IN_RUN},
      ${TASKS_IN_RUN}, 0, 0, ${at}, ${at}, ${at}, 'past' from past order by n`,
    `insert into run_request (run_key, trigger_kind, interval_start, interval_end, timezone, ds, params, actor)
    ${ofRuns} select n + 1, 'manual', ${at}, ${at}, 'UTC', '2023-11-14', '{}', 'bench' from past`,
    `insert into task_run (key, run_key, task_index, map_key, state, generation, attempt, token, lost, up_total,
      up_success, up_failed, up_upstream_failed, up_skipped, lane_id, queued_at, started_at, finished_at)
    ${ofTaskRuns} select ${key}, n + 1, t, '', 'success', 1, 1, 1, 0, case when t = 0 then 0 else 1 end,
      case when t = 0 then 0 else 1 end, 0, 0, 0, 1, ${at}, ${at}, ${at} from past cross join part`,
    `insert into attempt (task_run_key, token, generation, attempt, session_key, started_at, finished_at, outcome, cpu_ms,
      peak_memory_bytes)
    ${ofTaskRuns} select ${key}, 1, 1, 1, (select min(key) from session), ${at}, ${at}, 'success', 0.5, 50000000
    from past cross join part`,
    `insert into output (task_run_key, token, json)
    ${ofTaskRuns} select ${key}, 1, '{"rows":' || t || '}' from past cross join part`,
    ...["scheduled queued", "queued running", "running success"].map((edge) => {
      const [from, to] = edge.split(" ");
      const body = `'{"kind":"task_state","taskIndex":' || t || ',"mapKey":"","from":"${from}","to":"${to}","generation":1,"attempt":1,"token":1}'`;
      return `insert into event (at, run_key, body) ${ofTaskRuns} select ${at}, n + 1, ${body} from past cross join part`;
    }),
    `update counter set next = next + ${runs * TASKS_IN_RUN} where name = 'task_run'`,
  ];
}
