import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { missingMigrations, readMigrations } from "../migrations.ts";
import type { SqliteConnection } from "./connection.ts";

/** One transaction for each missing migration; whoever begins at the same time waits and finds it done. */
export function migrateSqlite(db: SqliteConnection, path: string, now: number): void {
  const migrations = readMigrations(FOLDER);
  for (;;) {
    db.exec("begin immediate");
    try {
      db.exec(SCHEMA_VERSION);
      const [next] = missingMigrations(migrations, currentVersion(db), path);
      if (next !== undefined) {
        db.exec(next.sql);
        db.run(INSERT, next.number, next.name, now);
      } else forgetStatistics(db);
      db.exec("commit");
      if (next === undefined) return;
    } catch (error) {
      if (db.inTransaction) db.exec("rollback");
      throw error;
    }
  }
}

/**
 * SQLite plans well without statistics: by index. Those of one moment outlive it, and make it read tables to the end that
 * were small then, or were all of one pipeline. Batuta never takes any; somebody's `analyze` or `pragma optimize` may.
 */
function forgetStatistics(db: SqliteConnection): void {
  const isThere = db.get("select 1 from sqlite_schema where name = 'sqlite_stat1'") !== undefined;
  // Asking for them again makes this connection forget them too.
  if (isThere && db.run("delete from sqlite_stat1") > 0) db.exec("analyze sqlite_schema");
}

function currentVersion(db: SqliteConnection): number {
  return db.get<{ number: number | null }>("select max(number) as number from schema_version")?.number ?? 0;
}

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "migrations");

const SCHEMA_VERSION = `
  create table if not exists schema_version (
    number integer primary key,
    name text not null,
    applied_at integer not null
  ) strict`;

const INSERT = "insert into schema_version (number, name, applied_at) values (?, ?, ?)";
