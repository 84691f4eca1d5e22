import { type Database, quotedColumn, quotedName, type SqlValue } from "./connection.ts";

/** Databases take some 32,000 values in one statement; more than these gain nothing. */
const VALUES_MAX = 10_000;
const ROWS_MAX = 1_000;

/** Inserts rows in few statements; the first row says which columns there are. Gives the number of rows. */
export async function insertRows(
  database: Database,
  table: string,
  rows: Iterable<Readonly<Record<string, unknown>>>,
): Promise<number> {
  let inserted = 0;
  let columns: readonly string[] = [];
  let batch: SqlValue[][] = [];
  for (const row of rows) {
    if (columns.length === 0) columns = columnsOf(row);
    const index = inserted + batch.length;
    checkColumns(row, columns, index);
    batch.push(columns.map((column) => sqlValue(database, row[column], `column "${column}" of row ${index + 1}`)));
    if (batch.length < Math.min(ROWS_MAX, Math.floor(VALUES_MAX / columns.length))) continue;
    inserted += await insertBatch(database, table, columns, batch);
    batch = [];
  }
  return inserted + (await insertBatch(database, table, columns, batch));
}

async function insertBatch(
  database: Database,
  table: string,
  columns: readonly string[],
  batch: readonly (readonly SqlValue[])[],
): Promise<number> {
  if (batch.length === 0) return 0;
  const names = columns.map(quotedColumn).join(", ");
  const tuples = batch.map((row, index) => `(${row.map((_, column) => mark(index * row.length + column)).join(", ")})`);
  function mark(index: number): string {
    return database.dialect === "?" ? "?" : `$${index + 1}`;
  }
  await database.run(`insert into ${quotedName(table)} (${names}) values ${tuples.join(", ")}`, batch.flat());
  return batch.length;
}

function columnsOf(row: Readonly<Record<string, unknown>>): readonly string[] {
  const columns = Object.keys(row);
  if (columns.length > 0 && columns.length <= VALUES_MAX) return columns;
  throw new Error("The first row has no columns.");
}

function checkColumns(row: Readonly<Record<string, unknown>>, columns: readonly string[], index: number): void {
  const unknown = Object.keys(row).find((column) => !columns.includes(column));
  if (unknown === undefined) return;
  throw new Error(`Row ${index + 1} has a column "${unknown}" that the first row has not.`);
}

function sqlValue({ kind }: Database, value: unknown, where: string): SqlValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Date) return momentText(value, kind);
  if (typeof value === "object") return JSON.stringify(value);
  throw new Error(`The value in ${where} is ${String(value)}, which no database keeps.`);
}

/** ISO 8601 in UTC; SQLite's own functions write it with a space and no zone, and compare it as text. */
function momentText(moment: Date, kind: Database["kind"]): string {
  const text = moment.toISOString();
  return kind === "sqlite" ? text.replace("T", " ").replace("Z", "") : text;
}
