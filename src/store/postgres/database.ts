import type { Pool, PoolClient } from "pg";
import type { Instant } from "../../core/instant.ts";
import { type Clock, sleep, systemClock } from "../../ports/clock.ts";
import { type BackOff, withBackOff } from "../back-off.ts";
import type { Database, Reader, Transaction } from "../transaction.ts";
import { PostgresConnection } from "./connection.ts";
import { openPool } from "./connections.ts";
import { explainPostgresFailure, isConnectionLoss, isTransient, withoutPassword } from "./failure.ts";
import { migratePostgres } from "./migrate.ts";
import { type Schema, schemaNamed } from "./schema.ts";
import { PostgresTransaction } from "./transaction.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** For tests; else the database's own clock decides. */
  readonly clock?: Clock;
  /** Connections at the same time. */
  readonly poolSize?: number;
  /** Where the tables live; made by `migrate`. */
  readonly schema?: string;
  /** How long to try again when the server restarts or cannot be reached. */
  readonly patienceMs?: number;
}

/** One schema of a PostgreSQL database, any number of processes on any number of hosts. */
export class PostgresDatabase implements Database {
  readonly #url: string;
  readonly #clock: Clock | undefined;
  readonly #schema: Schema;
  readonly #backOff: BackOff;
  readonly #pool: Pool;

  constructor({ url, clock, poolSize = 10, schema = "batuta", patienceMs = 10_000 }: PostgresOptions) {
    this.#url = url;
    this.#clock = clock;
    this.#schema = schemaNamed(schema);
    this.#backOff = { firstMs: 2, maxMs: 500, totalMs: patienceMs };
    this.#pool = openPool({ url, schema: this.#schema, poolSize });
  }

  migrate(): Promise<void> {
    return this.#patiently(async (client) => {
      const now = async () => this.#begin(client, undefined);
      await migratePostgres(client, { schema: this.#schema, where: withoutPassword(this.#url), now });
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#patiently(async (client) => {
      const db = new PostgresConnection(client);
      try {
        const tx = new PostgresTransaction(db, this.#schema, await this.#begin(client, "begin"));
        const result = await work(tx);
        await this.#commit(db, await tx.number());
        return result;
      } catch (error) {
        // Not waited for: the connection is thrown away if even this fails.
        client.query("rollback").catch(() => {});
        throw error;
      }
    });
  }

  read<T>(work: (rows: Reader) => Promise<T>): Promise<T> {
    return this.#patiently(async (client) => {
      const now = await this.#begin(client, undefined);
      return work(new PostgresTransaction(new PostgresConnection(client), this.#schema, now));
    });
  }

  reserveTaskRunKeys(count: number): Promise<number> {
    return this.#patiently(async (client) => {
      const result = await client.query<{ first: number }>(RESERVE, [count]);
      const [row] = result.rows;
      if (row === undefined) throw new Error("The counter of task-run keys is missing");
      return row.first;
    });
  }

  /** The store's clock, in one round trip with the command that begins a transaction. */
  async #begin(client: PoolClient, command: "begin" | undefined): Promise<Instant> {
    const begun = command === undefined ? undefined : client.query(command);
    begun?.catch(() => {});
    if (this.#clock !== undefined) return this.#clock.wall();
    const { rows } = await client.query<{ now: number }>(CLOCK);
    return rows[0]?.now ?? 0;
  }

  /**
   * Commits. When the connection is lost in that moment, the transaction's number tells whether it has happened:
   * doing it again would answer `stale` for what was accepted, and lose claims that were made.
   */
  async #commit(db: PostgresConnection, number: string | undefined): Promise<void> {
    db.command("commit");
    try {
      await db.settled();
    } catch (error) {
      if (!isConnectionLoss(error) || number === undefined || !(await this.#hasCommitted(number))) throw error;
    }
  }

  async #hasCommitted(number: string): Promise<boolean> {
    const waitClock = this.#waitClock;
    return withBackOff(waitClock, this.#backOff, isTransient, async () => {
      for (;;) {
        const { rows } = await this.#pool.query<{ status: string | null }>(TRANSACTION_STATUS, [number]);
        if (rows[0]?.status !== "in progress") return rows[0]?.status === "committed";
        await sleep(waitClock, this.#backOff.maxMs);
      }
    });
  }

  async #patiently<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    try {
      return await withBackOff(this.#waitClock, this.#backOff, isTransient, () => this.#withClient(work));
    } catch (error) {
      throw explainPostgresFailure(error, this.#url);
    }
  }

  async #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      // After a failure nobody knows what is prepared on it; failures are rare and connections cheap.
      client.release(true);
      throw error;
    }
  }

  /** Waiting between attempts is real time, also in tests that move the store's clock by hand. */
  get #waitClock(): Clock {
    return systemClock;
  }
}

const CLOCK = {
  name: "clock",
  text: "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now",
};

const TRANSACTION_STATUS = "select pg_xact_status($1::xid8) as status";

const RESERVE = `
  update counter set next = next + $1 where name = 'task_run' returning next - $1 as first`;
