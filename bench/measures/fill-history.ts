import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { historySql } from "../../src/store/conformance/history.ts";
import type { BenchDatabase } from "./bench-store.ts";

const TASKS_IN_RUN = 100;

/** Fills a fresh database with finished runs, each of 100 tasks, as if they had been executed long ago. */
export async function fillHistory({ url, name }: BenchDatabase, path: string, taskRuns: number): Promise<void> {
  const runs = Math.ceil(taskRuns / TASKS_IN_RUN);
  const names = { project: "bench", pipeline: "chain", requestKey: "past" };
  const statements = historySql({ ...names, runs, tasksInRun: TASKS_IN_RUN });
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
  // Autovacuum would do it while the operations are measured.
  await client.query("vacuum (analyze)");
  await client.query("checkpoint");
  await client.end();
}
