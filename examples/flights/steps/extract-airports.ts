import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { dayFiles, SOURCES } from "../day-files.ts";
import { IN_MEMORY, withDuckDb } from "../warehouse/duckdb.ts";
import type { Step } from "./step.ts";

/** Copies the list of airports into a Parquet file, with the types that the join relies on. */
export async function extractAirports({ ds, params, projectDir, log }: Step) {
  const { staging } = dayFiles(projectDir, params.folder, ds);
  const file = join(staging, "airports.parquet");
  await mkdir(staging, { recursive: true });
  const rows = await withDuckDb(IN_MEMORY, (database) => database.run(COPY_AIRPORTS, [SOURCES.airports, file]));
  log.info(`${rows} airports`, { rows, file });
  return { file, rows };
}

const COPY_AIRPORTS = `
  copy (
    select iata, name, city, state, latitude, longitude
    from read_csv($1, header = true, types = {'latitude': 'DOUBLE', 'longitude': 'DOUBLE'})
    order by iata
  ) to ($2) (format parquet)`;
