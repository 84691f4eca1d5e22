import type { Store } from "../store.ts";
import { TransactionalStore } from "../transactional-store.ts";
import { PostgresDatabase, type PostgresOptions } from "./database.ts";

/** A store in a schema of a PostgreSQL database. The first call connects. */
export function openPostgresStore(options: PostgresOptions): Store {
  return new TransactionalStore(new PostgresDatabase(options));
}
