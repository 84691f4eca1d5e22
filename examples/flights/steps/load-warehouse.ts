import { join } from "node:path";
import { dayFiles, warehouseFile } from "../day-files.ts";
import { DELAY_TABLES, type DelayTable } from "../warehouse/delay-tables.ts";
import { type DuckDb, withDuckDb } from "../warehouse/duckdb.ts";
import type { Step } from "./step.ts";

/**
 * Puts the day into the warehouse in one transaction, in place of what was there of that day: the same day loaded
 * twice leaves the same rows, and nobody ever sees half a day.
 */
export async function loadWarehouse({ ds, params, projectDir, log }: Step) {
  const { staging } = dayFiles(projectDir, params.folder, ds);
  const warehouse = warehouseFile(projectDir, params.folder);
  return withDuckDb(warehouse, async (database) => {
    for (const table of DELAY_TABLES) await database.run(createTable(table));
    const rows: Record<string, number> = {};
    await inTransaction(database, async () => {
      for (const table of DELAY_TABLES) rows[table.name] = await replaceDay(database, table, { ds, staging });
    });
    log.info(`Loaded ${ds} into ${warehouse}.`, rows);
    return { warehouse, rows };
  });
}

function createTable({ name, columns, key }: DelayTable): string {
  return `create table if not exists ${name} (day date not null, ${columns}, primary key (day, ${key}))`;
}

async function inTransaction(database: DuckDb, work: () => Promise<void>): Promise<void> {
  await database.run("begin");
  try {
    await work();
    await database.run("commit");
  } catch (error) {
    await database.run("rollback");
    throw error;
  }
}

async function replaceDay(
  database: DuckDb,
  { name }: DelayTable,
  { ds, staging }: { readonly ds: string; readonly staging: string },
): Promise<number> {
  await database.run(`delete from ${name} where day = $ds::date`, { ds });
  const insert = `insert into ${name} by name select $ds::date as day, * from read_parquet($file)`;
  return database.run(insert, { ds, file: join(staging, `${name}.parquet`) });
}
