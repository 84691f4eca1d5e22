import type { Store } from "../store.ts";
import { TransactionalStore } from "../transactional-store.ts";
import { SqliteDatabase, type SqliteOptions } from "./database.ts";

/** A store in one SQLite file, or in memory. The file is opened by the first call. */
export function openSqliteStore(options: SqliteOptions): Store {
  return new TransactionalStore(new SqliteDatabase(options));
}
