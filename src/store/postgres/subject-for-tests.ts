import pg from "pg";
import { type Clock, sleep, systemClock } from "../../ports/clock.ts";
import type { OpenedStore, Subject } from "../conformance/subject.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import type { TestServer } from "./server-for-tests.ts";

/** Each store gets a schema of its own on a server that is started by then. */
export function postgresSubject(server: () => TestServer): Subject {
  return {
    name: "PostgreSQL",
    open: (clock) => {
      const schema = server().freshSchema();
      return openIn({ url: server().url, schema, clock }, async (inspector) => {
        await inspector.query(`drop schema ${schema} cascade`);
      });
    },
  };
}

/** Each store gets a schema that no other uses at the time. For tests that change rows and never the tables themselves. */
export function subjectInUsedSchemas(server: () => TestServer): Subject {
  const emptied: string[] = [];
  return {
    name: "PostgreSQL",
    open: async (clock) => {
      const used = emptied.pop();
      const schema = used ?? server().freshSchema();
      const opened = await openIn({ url: server().url, schema, clock }, async (inspector) => {
        await inspector.query(EMPTY);
        emptied.push(schema);
      });
      if (used === undefined) await opened.rows(TAKE_NO_STATISTICS);
      return opened;
    },
  };
}

async function openIn(
  place: { readonly url: string; readonly schema: string; readonly clock: Clock },
  leave: (inspector: pg.Client) => Promise<void>,
): Promise<OpenedStore> {
  const open = (): Store => openPostgresStore({ ...place, poolSize: 4, patienceMs: PATIENCE_MS });
  const store = open();
  const others: Store[] = [];
  await store.migrate();
  const inspector = new pg.Client({ connectionString: place.url, types: { getTypeParser } });
  // Some tests kill the server.
  inspector.on("error", () => {});
  await inspector.connect();
  await inspector.query(`set search_path to ${place.schema}`);
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
      await leave(inspector);
      await inspector.end();
    },
  };
}

/** A server that was killed may take long to come back on a busy machine. */
const PATIENCE_MS = 60_000;

/**
 * Leaves the tables as the migrations have made them: emptying them takes a fiftieth of the time that making them takes.
 * What is small is deleted, since each truncated table is a new file; without triggers, so that the order does not matter.
 */
const EMPTY = `
  do $$
  declare
    made record;
  begin
    set local session_replication_role = replica;
    for made in
      select oid::regclass as name, pg_relation_size(oid) > 1000000 as large from pg_class
      where relnamespace = current_schema()::regnamespace and relkind = 'r'
        and relname not in ('schema_version', 'counter')
    loop
      if made.large then execute format('truncate %s cascade', made.name);
      else execute format('delete from %s', made.name);
      end if;
    end loop;
    update counter set next = 1;
    perform setval(seqrelid, seqstart, false) from pg_sequence join pg_class on pg_class.oid = seqrelid
      where relnamespace = current_schema()::regnamespace;
  end $$`;

/** Those of one test would plan the statements of the next. */
const TAKE_NO_STATISTICS = `
  do $$
  declare
    made regclass;
  begin
    for made in
      select oid from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'
    loop
      execute format('alter table %s set (autovacuum_enabled = off)', made);
    end loop;
  end $$`;

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
