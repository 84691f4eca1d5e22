import { zstdDecompressSync } from "node:zlib";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { z } from "zod";
import { SOURCES } from "./day-files.ts";

/** The numbers of one day, counted a second time: another Parquet reader, and loops in place of SQL. */
export interface Recount {
  readonly all: Tally;
  readonly byAirport: ReadonlyMap<string, Tally>;
  readonly byHour: ReadonlyMap<string, Tally>;
  /** The key is `ORD-LGA`. */
  readonly byRoute: ReadonlyMap<string, Tally>;
  readonly medianDelay: number;
  readonly longestDelay: number;
}

export interface Tally {
  readonly flights: number;
  readonly lateFlights: number;
  readonly delayMinutes: number;
}

export async function recount(day: string): Promise<Recount> {
  const flights = await readFlights(day);
  const delays = flights.map((flight) => flight.delay).sort((one, other) => one - other);
  const half = delays.length / 2;
  return {
    all: tally(flights),
    byAirport: tallies(flights, (flight) => flight.origin),
    byHour: tallies(flights, (flight) => String(flight.date.getUTCHours())),
    byRoute: tallies(flights, (flight) => `${flight.origin}-${flight.destination}`),
    medianDelay: ((delays[Math.ceil(half) - 1] ?? Number.NaN) + (delays[Math.floor(half)] ?? Number.NaN)) / 2,
    longestDelay: delays[delays.length - 1] ?? Number.NaN,
  };
}

const flightRow = z.object({
  date: z.date(),
  delay: z.bigint().transform(Number),
  origin: z.string(),
  destination: z.string(),
});
type Flight = z.infer<typeof flightRow>;

/** Times in the file know no zone; the reader gives them as if they were UTC, and so they are read back here. */
async function readFlights(day: string): Promise<readonly Flight[]> {
  const start = new Date(`${day}T00:00:00Z`);
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(SOURCES.flights),
    columns: ["date", "delay", "origin", "destination"],
    filter: { date: { $gte: start, $lt: new Date(start.getTime() + 24 * 60 * 60 * 1000) } },
    compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) },
  });
  return rows.map((row) => flightRow.parse(row));
}

function tallies(flights: readonly Flight[], keyOf: (flight: Flight) => string): ReadonlyMap<string, Tally> {
  const groups = Map.groupBy(flights, keyOf);
  return new Map([...groups].map(([key, group]) => [key, tally(group)]));
}

function tally(flights: readonly Flight[]): Tally {
  let lateFlights = 0;
  let delayMinutes = 0;
  for (const { delay } of flights) {
    if (delay >= 15) lateFlights += 1;
    delayMinutes += delay;
  }
  return { flights: flights.length, lateFlights, delayMinutes };
}
