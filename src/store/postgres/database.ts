import type { Pool, PoolClient } from "pg";
import type { Instant } from "../../core/instant.ts";
import { type Clock, sleep, systemClock } from "../../ports/clock.ts";
import { type BackOff, withBackOff } from "../back-off.ts";
import type { ReadAhead } from "../read-ahead.ts";
import type { Database, Reader, Transaction } from "../transaction.ts";
import { type CommitReceipt, hasCommitted, isUnderWay } from "./commit-receipt.ts";
import { PostgresConnection } from "./connection.ts";
import { openPool } from "./connections.ts";
import { explainPostgresFailure, isConnectionLoss, isTransient, withoutPassword } from "./failure.ts";
import { migratePostgres } from "./migrate.ts";
import { QueueVacuum } from "./queue-vacuum.ts";
import { type Schema, schemaNamed } from "./schema.ts";
import { SentAhead } from "./sent-ahead.ts";
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
  readonly #vacuum: QueueVacuum;
  #closing: Promise<void> | undefined;

  constructor({ url, clock, poolSize = 10, schema = "batuta", patienceMs = 10_000 }: PostgresOptions) {
    this.#url = url;
    this.#clock = clock;
    this.#schema = schemaNamed(schema);
    this.#backOff = { firstMs: 2, maxMs: 500, totalMs: patienceMs };
    this.#pool = openPool({ url, schema: this.#schema, poolSize });
    this.#vacuum = new QueueVacuum(this.#pool);
  }

  migrate(): Promise<void> {
    return this.#patiently(async (client) => {
      const now = await this.#now(new PostgresConnection(client));
      await migratePostgres(client, { schema: this.#schema, where: withoutPassword(this.#url), now });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#vacuum.settled().then(() => this.#pool.end());
    return this.#closing;
  }

  write<T>(work: (tx: Transaction) => Promise<T>, ahead?: ReadAhead): Promise<T> {
    return this.#patiently(async (client) => {
      const db = new PostgresConnection(client);
      try {
        // In one round trip with the first question, that for the clock, and with what is asked ahead.
        db.command("begin");
        const now = this.#now(db);
        const sent = ahead === undefined ? undefined : new SentAhead(db, this.#schema.runs, ahead);
        const tx = new PostgresTransaction(db, { schema: this.#schema, now: await now, ...(sent && { sent }) });
        const result = await work(tx);
        await this.#commit(db, await tx.receipt());
        this.#vacuum.note(tx.claimed);
        return result;
      } catch (error) {
        // Not waited for: the connection is thrown away anyway.
        db.command("rollback");
        db.flush();
        throw error;
      }
    });
  }

  read<T>(work: (rows: Reader) => Promise<T>): Promise<T> {
    return this.#patiently(async (client) => {
      const db = new PostgresConnection(client);
      return work(new PostgresTransaction(db, { schema: this.#schema, now: await this.#now(db) }));
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

  async #now(db: PostgresConnection): Promise<Instant> {
    if (this.#clock !== undefined) return this.#clock.wall();
    return (await db.get<{ now: number }>(CLOCK))?.now ?? 0;
  }

  async #commit(db: PostgresConnection, receipt: CommitReceipt): Promise<void> {
    db.command("commit");
    try {
      await db.settled();
    } catch (error) {
      if (!isConnectionLoss(error) || !(await this.#didCommit(receipt))) throw error;
    }
  }

  /** Asks over other connections, as soon as there are any, until the server is done with the transaction. */
  #didCommit(receipt: CommitReceipt): Promise<boolean> {
    return withBackOff(systemClock, this.#backOff, isTransient, () =>
      this.#withClient(async (client) => {
        const db = new PostgresConnection(client);
        while (await isUnderWay(db, receipt)) await sleep(systemClock, this.#backOff.firstMs);
        return hasCommitted(db, receipt);
      }),
    );
  }

  /** Waiting between attempts is real time, also in tests that move the store's clock by hand. */
  async #patiently<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    try {
      return await withBackOff(systemClock, this.#backOff, isTransient, () => this.#withClient(work));
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
}

const CLOCK = {
  name: "clock",
  text: "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now",
};

const RESERVE = `
  update counter set next = next + $1 where name = 'task_run' returning next - $1 as first`;
