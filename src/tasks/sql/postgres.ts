import type pg from "pg";
import type { Client, FieldDef, QueryArrayConfig } from "pg";
import { type Database, quotedColumn, quotedName, type SqlRow, type SqlValue, TooManyRows } from "./connection.ts";
import { checkColumnNames, rowOf } from "./json-value.ts";
import { type ArrayReader, postgresJson } from "./postgres-json.ts";

const CONNECT_TIMEOUT_MS = 30_000;
const TEXT_ARRAY: number = 1009;

/** Opens a connection to PostgreSQL, with the session in UTC. The driver is imported only when it is used. */
export async function openPostgres(url: string, signal: AbortSignal): Promise<Database> {
  const { default: driver } = await import("pg");
  const client = new driver.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "batuta task",
    // Values stay text until their type has been looked at: the driver's own parsers lose digits and zones.
    types: { getTypeParser: () => (text: string) => text },
  });
  // A connection that breaks while nobody waits for it must not end the process; the next statement says so.
  client.on("error", () => undefined);
  await client.connect();
  const database = new PostgresDatabase(driver, client);
  signal.throwIfAborted();
  signal.addEventListener("abort", () => void database.close(), { once: true });
  await client.query("set time zone 'UTC'");
  return database;
}

class PostgresDatabase implements Database {
  readonly kind = "postgres";
  readonly dialect = "$1";
  readonly #driver: typeof pg;
  readonly #client: Client;
  #closed = false;

  constructor(driver: typeof pg, client: Client) {
    this.#driver = driver;
    this.#client = client;
  }

  async run(statement: string, values: readonly SqlValue[] = []): Promise<number> {
    const { rowCount } = await this.#client.query(statement, [...values]);
    return rowCount ?? 0;
  }

  /** Rows come one by one and the connection is given up when there are too many, so that no result fills the memory. */
  async rows(query: string, values: readonly SqlValue[], rowsMax: number): Promise<readonly SqlRow[]> {
    const readArray: ArrayReader = this.#driver.types.getTypeParser(TEXT_ARRAY);
    const config: QueryArrayConfig = { text: query, values: [...values], rowMode: "array" };
    const rows: (readonly (string | null)[])[] = [];
    const fields = await new Promise<readonly FieldDef[]>((resolve, reject) => {
      const running = new this.#driver.Query<Record<string, string | null>>(config);
      running.on("row", (row) => {
        if (rows.length < rowsMax) return void rows.push(Object.values(row));
        reject(new TooManyRows(rowsMax));
        return void this.close();
      });
      running.on("error", reject);
      running.on("end", (result) => resolve(result.fields));
      this.#client.query(running);
    });
    const names = fields.map(({ name }) => name);
    checkColumnNames(names);
    const types = fields.map(({ dataTypeID }) => dataTypeID);
    return rows.map((row) =>
      rowOf(
        names,
        row.map((text, index) => postgresJson(text, types[index] ?? 0, readArray)),
      ),
    );
  }

  async columnType(table: string, column: string): Promise<string> {
    const query = `select ${quotedColumn(column)} from ${quotedName(table)} where false`;
    const { fields } = await this.#client.query(query);
    return MOMENT_TYPES.get(fields[0]?.dataTypeID ?? 0) ?? "";
  }

  /** In the middle of a statement it breaks the connection, which ends the statement and its transaction. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#client.end().catch(() => undefined);
  }
}

const MOMENT_TYPES = new Map([
  [1082, "date"],
  [1114, "timestamp"],
  [1184, "timestamp with time zone"],
]);
