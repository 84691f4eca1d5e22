import { BatutaError } from "../core/problem.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "./store.ts";

export interface StoreLocation {
  /** `postgres://…`; absent = SQLite. */
  readonly databaseUrl?: string;
  /** File of the SQLite database. */
  readonly sqlitePath: string;
  readonly clock: Clock;
  /** How long to wait for a PostgreSQL server that restarts or is not there. */
  readonly patienceMs?: number;
}

/** Opens the store a project is configured for. Each database is imported only when it is used. */
export async function openStore(location: StoreLocation): Promise<Store> {
  const { databaseUrl: url, sqlitePath: path, clock, patienceMs } = location;
  if (url === undefined) {
    const { openSqliteStore } = await import("./sqlite/open-sqlite-store.ts");
    return openSqliteStore({ path, clock });
  }
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new BatutaError("usage", "The database URL is not one of PostgreSQL.", {
      hint: "Write it like postgres://user:password@host:5432/database; without one, SQLite in .batuta/ is used.",
    });
  }
  const { openPostgresStore } = await import("./postgres/open-postgres-store.ts");
  return openPostgresStore({ url, ...(patienceMs === undefined ? {} : { patienceMs }) });
}
