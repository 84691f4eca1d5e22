import { join } from "node:path";
import { dayFiles } from "../day-files.ts";
import { DELAY_TABLES, type DelayTable } from "../warehouse/delay-tables.ts";
import { type DuckDb, IN_MEMORY, withDuckDb } from "../warehouse/duckdb.ts";
import type { Step } from "./step.ts";

/** Works out the rows of the day for each table of the warehouse, into one Parquet file per table. */
export async function transformDelays({ ds, params, projectDir, log }: Step) {
  const { staging } = dayFiles(projectDir, params.folder, ds);
  return withDuckDb(IN_MEMORY, async (database) => {
    await database.run(LOAD_FLIGHTS, { file: join(staging, "joined.parquet") });
    const rows: Record<string, number> = {};
    for (const table of DELAY_TABLES) rows[table.name] = await copyRows(database, table, staging);
    log.info(`Delays of ${ds} by airport, hour, route and length.`, rows);
    return { rows };
  });
}

// A flight whose delay is not known counts nowhere; validate_data sees to it that there are few of them.
const LOAD_FLIGHTS = "create table flights as select * from read_parquet($file) where delay is not null";

function copyRows(database: DuckDb, table: DelayTable, staging: string): Promise<number> {
  const file = join(staging, `${table.name}.parquet`);
  return database.run(`copy (${table.query}) to ($file) (format parquet)`, { file });
}
