import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { systemClock } from "../../src/ports/clock.ts";
import type { Store } from "../../src/store/store.ts";

/** On the disk that the projects are on; git does not see it. */
export const SCRATCH = fileURLToPath(new URL("../.batuta/", import.meta.url));

export interface BenchStore {
  readonly store: Store;
  /** The file of an SQLite database. */
  readonly path: string;
}

export interface BenchDatabase {
  /** Of PostgreSQL; absent = SQLite. */
  readonly url: string | undefined;
  /** A schema of PostgreSQL, or a file of SQLite, that this measure alone uses. */
  readonly name: string;
}

/** A database with nothing in it. */
export async function openBenchStore({ url, name }: BenchDatabase): Promise<BenchStore> {
  if (url !== undefined) await dropSchema(url, name);
  const { openSqliteStore } = await import("../../src/store/sqlite/open-sqlite-store.ts");
  const { openPostgresStore } = await import("../../src/store/postgres/open-postgres-store.ts");
  const path = join(SCRATCH, `${name}.db`);
  mkdirSync(SCRATCH, { recursive: true });
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
  const store =
    url === undefined ? openSqliteStore({ path, clock: systemClock }) : openPostgresStore({ url, schema: name });
  await store.migrate();
  return { store, path };
}

async function dropSchema(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`drop schema if exists ${name} cascade`);
  await client.end();
}
