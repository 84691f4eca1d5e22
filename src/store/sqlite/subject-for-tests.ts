import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../ports/clock.ts";
import { ManualClock } from "../conformance/manual-clock.ts";
import type { OpenedStore, Subject } from "../conformance/subject.ts";
import type { Store } from "../store.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";

/** An empty database that has been migrated: writing it takes a tenth of the time that the migrations take. */
const MIGRATED = await migratedDatabase();

async function migratedDatabase(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "batuta-sqlite-"));
  const path = join(folder, "batuta.db");
  const store = openSqliteStore({ path, clock: new ManualClock() });
  await store.migrate();
  // The last to close it moves all into the one file.
  await store.close();
  const database = readFileSync(path);
  rmSync(folder, { recursive: true });
  return database;
}

/** A database in a file of its own, so that tests can look into it through a second connection. */
export const sqliteSubject: Subject = { name: "SQLite", open: openTemporary };

export async function openTemporary(clock: Clock): Promise<OpenedStore & { readonly path: string }> {
  const folder = mkdtempSync(join(tmpdir(), "batuta-sqlite-"));
  const path = join(folder, "batuta.db");
  writeFileSync(path, MIGRATED);
  const stores: Store[] = [openSqliteStore({ path, clock })];
  const [store] = stores;
  if (store === undefined) throw new Error("No store");
  await store.migrate();
  const inspector = new DatabaseSync(path);
  return {
    path,
    store,
    another: async () => {
      const other = openSqliteStore({ path, clock });
      stores.push(other);
      return other;
    },
    rows: async (sql) => inspector.prepare(sql).all(),
    eventsReadable: async () => {},
    close: async () => {
      inspector.close();
      for (const each of stores) await each.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
