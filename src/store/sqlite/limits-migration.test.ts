import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { readMigrations } from "../migrations.ts";

test("limits of tasks become scopes, with the slots that are in use, and keep their lanes", () => {
  const database = new DatabaseSync(":memory:");
  const migrations = readMigrations(join(import.meta.dirname, "migrations"));
  for (const { name, sql } of migrations) {
    if (name === "limits") fill(database);
    database.exec(sql);
  }
  const all = (sql: string) => database.prepare(sql).all();
  expect(all("select id, scopes, scope_count from lane order by id")).toEqual([
    { id: 1, scopes: "", scope_count: 0 },
    { id: 2, scopes: '[["task:daily/load",1]]', scope_count: 1 },
    { id: 3, scopes: '[["task:daily/load",1]]', scope_count: 1 },
  ]);
  expect(all("select name, slots from scope")).toEqual([{ name: "task:daily/load", slots: 3 }]);
  expect(all("select lane_id, weight from lane_scope order by lane_id")).toEqual([
    { lane_id: 2, weight: 1 },
    { lane_id: 3, weight: 1 },
  ]);
  expect(all("select task_run_key, weight from lease_scope")).toEqual([{ task_run_key: 8, weight: 1 }]);
  database.close();
});

/** Two lanes of one limited task, one lane without a limit, and an attempt in each kind. */
function fill(database: DatabaseSync): void {
  database.exec(`
    pragma foreign_keys = off;
    insert into lane (id, project, queue, priority, pipeline, task, task_concurrency, served_at) values
      (1, 'shop', 'default', 0, 'daily', '', 0, 5), (2, 'shop', 'default', 0, 'daily', 'load', 2, 6),
      (3, 'shop', 'default', 9, 'daily', 'load', 3, 7);
    insert into lease (task_run_key, token, session_key, lane_id, run_key) values (7, 1, 1, 1, 1), (8, 1, 1, 2, 1);`);
}
