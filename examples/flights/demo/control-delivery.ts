import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { CONTROL_HEADER } from "../control-totals.ts";
import { SOURCES } from "../day-files.ts";
import { IN_MEMORY, rowsOf, withDuckDb } from "../warehouse/duckdb.ts";

/** A count in the delivered file that differs from the truth. */
export interface TypingError {
  readonly airport: string;
  readonly right: string;
  readonly wrong: string;
}

/**
 * Plays the airports: the busiest of them deliver how many departures they had that day. When `broken`, one of them
 * hits a key twice; the answer says which. A day without flights has no delivery.
 */
export async function deliverControlTotals(
  file: string,
  day: string,
  broken: boolean,
): Promise<TypingError | undefined> {
  const totals = await withDuckDb(IN_MEMORY, (database) =>
    rowsOf(database, departureRow, DEPARTURES, [SOURCES.flights, day]),
  );
  const [first, ...others] = totals;
  if (first === undefined) {
    await rm(file, { force: true });
    return undefined;
  }
  const wrong = broken ? `${first.departures.slice(0, 1)}${first.departures}` : first.departures;
  const lines = [{ ...first, departures: wrong }, ...others].map(
    ({ airport, departures }) => `${airport},${departures}`,
  );
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${[CONTROL_HEADER, ...lines].join("\n")}\n`);
  return broken ? { airport: first.airport, right: first.departures, wrong } : undefined;
}

const departureRow = z.object({ airport: z.string(), departures: z.string() });
const DEPARTURES = `
  select origin as airport, count(*)::varchar as departures
  from read_parquet($1)
  where date >= try_cast($2 as date) and date < try_cast($2 as date) + 1
  group by origin
  order by count(*) desc, origin
  limit 10`;
