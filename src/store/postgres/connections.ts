import pg from "pg";
import type { Schema } from "./schema.ts";

export interface PoolOptions {
  readonly url: string;
  readonly schema: Schema;
  readonly poolSize: number;
}

/**
 * Connections that answer in order without being waited for (pipeline mode): statements that do not need each other's
 * answers share one round trip.
 */
export function openPool({ url, schema, poolSize }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    allowExitOnIdle: true,
    application_name: "batuta",
    types: { getTypeParser },
    onConnect: async (client) => {
      await client.query(settings(schema));
    },
  });
  // Whoever uses a connection that breaks hears of it through its query, and an idle one is replaced at the next use.
  // But an error event that nobody listens to would end the process.
  pool.on("connect", (client) => void client.on("error", () => {}));
  pool.on("error", () => {});
  return pool;
}

/** Every bigint here stays below 2^53: keys, tokens, milliseconds, bytes. */
function getTypeParser(oid: number, format?: "text" | "binary") {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);
}

/**
 * Hot statements name few rows by key in large tables, and must go to them by index from the first row on: whether
 * statistics are fresh or stale must not matter, so plans that read a whole table are switched off and one plan is
 * kept for all. A server that is paused in the middle of a transaction gives up its locks after the idle time-out.
 */
function settings(schema: Schema): string {
  return `
    set search_path to ${schema.name};
    set statement_timeout to '60s';
    set lock_timeout to '20s';
    set idle_in_transaction_session_timeout to '10s';
    set tcp_user_timeout to '10s';
    set plan_cache_mode to force_generic_plan;
    set enable_seqscan to off;
    set enable_hashjoin to off;
    set enable_mergejoin to off;
    set jit to off;
    select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;
}
