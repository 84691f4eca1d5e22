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
      }
      db.exec("commit");
      if (next === undefined) return;
    } catch (error) {
      if (db.inTransaction) db.exec("rollback");
      throw error;
    }
  }
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
