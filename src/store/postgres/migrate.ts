import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PoolClient } from "pg";
import type { Instant } from "../../core/instant.ts";
import { missingMigrations, readMigrations } from "../migrations.ts";
import type { Schema } from "./schema.ts";

export interface MigrationTarget {
  readonly schema: Schema;
  /** For people. */
  readonly where: string;
  readonly now: Instant;
}

/** One transaction for each missing migration; whoever begins at the same time waits and finds it done. */
export async function migratePostgres(client: PoolClient, target: MigrationTarget): Promise<void> {
  const migrations = readMigrations(FOLDER);
  let isMissing = true;
  while (isMissing) {
    await client.query("begin");
    try {
      await client.query("select pg_advisory_xact_lock($1)", [target.schema.migration]);
      await client.query(schemaVersion(target.schema));
      const [next] = missingMigrations(migrations, await currentVersion(client), target.where);
      isMissing = next !== undefined;
      if (next !== undefined) {
        await client.query(next.sql);
        await client.query(INSERT, [next.number, next.name, target.now]);
      } else await rebaseTransactionNumbers(client);
      await client.query("commit");
    } catch (error) {
      await client.query("rollback");
      throw error;
    }
  }
}

async function currentVersion(client: PoolClient): Promise<number> {
  const result = await client.query<{ number: number | null }>("select max(number) as number from schema_version");
  return result.rows[0]?.number ?? 0;
}

/**
 * Rows that were restored from a dump into another server carry transaction numbers that are still to come there:
 * events nobody could read, ready task runs nobody could claim. They become this transaction's, in their order.
 */
async function rebaseTransactionNumbers(client: PoolClient): Promise<void> {
  for (const table of ["event", "ready"]) {
    await client.query(`
      update ${table} set xid = pg_current_xact_id()
      where exists (select 1 from ${table} where xid >= pg_snapshot_xmax(pg_current_snapshot()))
        and xid >= pg_snapshot_xmax(pg_current_snapshot())`);
  }
}

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "migrations");

function schemaVersion({ name }: Schema): string {
  return `
    create schema if not exists ${name};
    create table if not exists ${name}.schema_version (
      number integer primary key,
      name text not null,
      applied_at bigint not null
    )`;
}

const INSERT = "insert into schema_version (number, name, applied_at) values ($1, $2, $3)";
