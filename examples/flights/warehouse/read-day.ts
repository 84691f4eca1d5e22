import { z } from "zod";
import type { DayFigures } from "../report/day-figures.ts";
import { type Database, rowsOf } from "./duckdb.ts";

/** Reads from the warehouse what the report of one day shows; undefined when that day is not in it. */
export async function readDay(database: Pick<Database, "rows">, day: string): Promise<DayFigures | undefined> {
  const [totals] = await rowsOf(database, totalsRow, TOTALS, [day]);
  const [worst] = await rowsOf(database, worstRow, WORST, [day]);
  if (totals === undefined || worst === undefined) return undefined;
  const delays = await rowsOf(database, delayRow, DELAYS, [day]);
  return {
    day,
    ...totals,
    worst,
    medianDelay: medianOf(delays, totals.flights),
    hours: await rowsOf(database, hourRow, HOURS, [day]),
    airports: await rowsOf(database, airportRow, AIRPORTS, [day]),
    routes: await rowsOf(database, routeRow, ROUTES, [day]),
    delays,
  };
}

const totalsRow = z.object({
  flights: z.number(),
  lateFlights: z.number(),
  meanDelay: z.number(),
  routeCount: z.number(),
});
const TOTALS = `
  select sum(flights)::integer as "flights", sum(late_flights)::integer as "lateFlights",
    sum(delay_minutes) / sum(flights) as "meanDelay", count(*)::integer as "routeCount"
  from delays_by_route
  where day = $1
  having count(*) > 0`;

const worstRow = z.object({ delay: z.number(), origin: z.string(), destination: z.string() });
const WORST = `
  select longest_delay as delay, origin, destination
  from delays_by_route
  where day = $1
  order by longest_delay desc, origin, destination
  limit 1`;

const hourRow = z.object({ hour: z.number(), flights: z.number(), meanDelay: z.number() });
const HOURS = `
  select hour, flights, delay_minutes / flights as "meanDelay"
  from delays_by_hour
  where day = $1
  order by hour`;

const airportRow = z.object({
  airport: z.string(),
  name: z.string(),
  city: z.string(),
  state: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  flights: z.number(),
  lateFlights: z.number(),
  meanDelay: z.number(),
});
const AIRPORTS = `
  select airport, name, city, state, latitude, longitude, flights, late_flights as "lateFlights",
    delay_minutes / flights as "meanDelay"
  from delays_by_airport
  where day = $1
  order by airport`;

const routeRow = z.object({
  origin: z.string(),
  originCity: z.string(),
  destination: z.string(),
  destinationCity: z.string(),
  flights: z.number(),
  lateFlights: z.number(),
  meanDelay: z.number(),
});
const ROUTES = `
  select origin, origin_city as "originCity", destination, destination_city as "destinationCity", flights,
    late_flights as "lateFlights", delay_minutes / flights as "meanDelay"
  from delays_by_route
  where day = $1 and flights >= 5
  order by "meanDelay" desc, origin, destination
  limit 8`;

const delayRow = z.object({ delay: z.number(), flights: z.number() });
const DELAYS = "select delay, flights from flights_by_delay where day = $1 order by delay";

/** The middle of all flights, from how many there are of each delay. Of an even number the mean of the middle two. */
function medianOf(delays: readonly z.infer<typeof delayRow>[], flights: number): number {
  return (delayAt(delays, Math.floor((flights - 1) / 2)) + delayAt(delays, Math.floor(flights / 2))) / 2;
}

function delayAt(delays: readonly z.infer<typeof delayRow>[], rank: number): number {
  let below = 0;
  for (const { delay, flights } of delays) {
    below += flights;
    if (rank < below) return delay;
  }
  return 0;
}
