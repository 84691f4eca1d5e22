import pg from "pg";
import { sleep, systemClock } from "../../ports/clock.ts";
import type { Subject } from "../conformance/subject.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import type { TestServer } from "./server-for-tests.ts";

/** Each store gets a schema of its own on a server that is started by then. */
export function postgresSubject(server: () => TestServer): Subject {
  return {
    name: "PostgreSQL",
    open: async (clock) => {
      const { url, freshSchema } = server();
      const schema = freshSchema();
      const open = (): Store => openPostgresStore({ url, schema, clock, poolSize: 4 });
      const store = open();
      const others: Store[] = [];
      await store.migrate();
      const inspector = new pg.Client({ connectionString: url, types: { getTypeParser } });
      // Some tests kill the server.
      inspector.on("error", () => {});
      await inspector.connect();
      await inspector.query(`set search_path to ${schema}`);
      return {
        store,
        another: async () => {
          const other = open();
          others.push(other);
          return other;
        },
        rows: async (sql) => (await inspector.query<Record<string, unknown>>(sql)).rows,
        eventsReadable: () => waitForReaders(inspector),
        close: async () => {
          await Promise.all([store, ...others].map((each) => each.close()));
          await inspector.query(`drop schema ${schema} cascade`);
          await inspector.end();
        },
      };
    },
  };
}

/** Returns when every transaction that had a number has ended, so that all committed events can be read. */
async function waitForReaders(client: pg.Client): Promise<void> {
  const begun = await client.query<{ next: string }>("select pg_snapshot_xmax(pg_current_snapshot())::text as next");
  const next = BigInt(begun.rows[0]?.next ?? 0);
  for (;;) {
    const oldest = await client.query<{ xmin: string }>("select pg_snapshot_xmin(pg_current_snapshot())::text as xmin");
    if (BigInt(oldest.rows[0]?.xmin ?? 0) >= next) return;
    await sleep(systemClock, 5);
  }
}

function getTypeParser(oid: number, format?: "text" | "binary") {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);
}
