import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fatal } from "batuta";
import { z } from "zod";
import { dayFiles, SOURCES } from "../day-files.ts";
import { type Database, IN_MEMORY, rowsOf, withDuckDb } from "../warehouse/duckdb.ts";
import type { Step } from "./step.ts";

/**
 * Copies the flights of one day out of the archive of 3,000,000 into a Parquet file. Departure times are local to the
 * airport and know no time zone, so the day is the run's `ds`, taken as it is.
 */
export async function extractFlights({ ds, params, attempt, projectDir, log }: Step) {
  const { staging } = dayFiles(projectDir, params.folder, ds);
  const file = join(staging, "flights.parquet");
  await mkdir(staging, { recursive: true });
  const badLine = params.trouble === "flaky" && attempt <= BROKEN_DOWNLOADS;
  const archive = badLine ? await downloadOverBadLine(staging) : SOURCES.flights;
  return withDuckDb(IN_MEMORY, async (database) => {
    const rows = await database.run(COPY_DAY, [archive, ds, file]);
    if (rows === 0) fatal(`There are no flights on ${ds}: the archive covers ${await daysCovered(database)}.`);
    log.info(`${rows} flights on ${ds}`, { rows, file });
    return { staging, file, rows };
  });
}

const COPY_DAY = `
  copy (
    select date as departed_at, delay, distance, origin, destination
    from read_parquet($1)
    where date >= $2::date and date < $2::date + 1
    order by all
  ) to ($3) (format parquet)`;

async function daysCovered(database: Database): Promise<string> {
  const [covered] = await rowsOf(database, coveredRow, COVERED, [SOURCES.flights]);
  return covered === undefined ? "nothing" : `${covered.first} to ${covered.last}`;
}

const coveredRow = z.object({ first: z.string(), last: z.string() });
const COVERED = `
  select min(date)::date::varchar as first, max(date)::date::varchar as last
  from read_parquet($1)`;

/** How many attempts lose the connection when the parameter `trouble` is `flaky`. */
const BROKEN_DOWNLOADS = 2;
const ARRIVED_BYTES = 2_000_000;

/** A download over a bad line: the first part of the archive arrives, and the check of its size says so. */
async function downloadOverBadLine(folder: string): Promise<string> {
  const file = join(folder, "flights-3m.partial.parquet");
  await pipeline(createReadStream(SOURCES.flights, { end: ARRIVED_BYTES - 1 }), createWriteStream(file));
  const [arrived, expected] = await Promise.all([stat(file), stat(SOURCES.flights)]);
  if (arrived.size < expected.size) {
    throw new Error(`The download broke off: ${megabytes(arrived.size)} of ${megabytes(expected.size)} MB arrived.`);
  }
  return file;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
