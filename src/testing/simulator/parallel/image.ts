import type { Client } from "pg";
import { SqliteConnection } from "../../../store/sqlite/connection.ts";
import { migrateSqlite } from "../../../store/sqlite/migrate.ts";

/**
 * What PostgreSQL holds, as a SQLite database in memory: tables and columns have the same names in both, so whatever
 * reads the one can read the other. Events are numbered in the order in which readers see them.
 */
export async function imageOf(client: Client): Promise<SqliteConnection> {
  const image = new SqliteConnection(":memory:");
  migrateSqlite(image, ":memory:", 0);
  image.exec("pragma foreign_keys = off");
  for (const { name } of image.all<{ name: string }>(SELECT_TABLES)) await copyTable(client, image, name);
  return image;
}

async function copyTable(client: Client, image: SqliteConnection, table: string): Promise<void> {
  const columns = image.all<{ name: string }>(`select name from pragma_table_info('${table}')`).map(({ name }) => name);
  const order = table === "event" ? "order by xid, seq" : "";
  const { rows } = await client.query<Record<string, unknown>>(`select ${columns.join(", ")} from ${table} ${order}`);
  image.exec(`delete from ${table}`);
  const insert = `insert into ${table} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`;
  for (const [index, row] of rows.entries()) {
    const values = table === "event" ? { ...row, seq: index + 1 } : row;
    image.run(insert, ...columns.map((column) => plain(values[column as keyof typeof values])));
  }
}

function plain(value: unknown): string | number | null {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string" || typeof value === "number" || value === null) return value;
  return JSON.stringify(value);
}

const SELECT_TABLES = `
  select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'schema_version'`;
