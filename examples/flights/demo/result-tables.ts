import { z } from "zod";
import { percent, whole } from "../report/wording.ts";
import { type Database, rowsOf, withDuckDb } from "../warehouse/duckdb.ts";
import { type Column, table } from "./table.ts";

/** What the warehouse holds after the run: its days, and the airports where this one went worst. */
export async function resultTables(warehouse: string, day: string): Promise<string> {
  return withDuckDb(
    warehouse,
    async (database) => `${await dayTable(database)}\n\n${await airportTable(database, day)}`,
  );
}

async function dayTable(database: Database): Promise<string> {
  const days = await rowsOf(database, dayRow, DAYS);
  const rows = days.toReversed().map((row) => [row.day, row.weekday, whole(row.flights), percent(row.late), row.mean]);
  return `Newest days in the warehouse\n${table(DAY_COLUMNS, rows)}`;
}

const DAY_COLUMNS: readonly Column[] = [
  { title: "day" },
  { title: "" },
  { title: "flights", align: "right" },
  { title: "late", align: "right" },
  { title: "mean delay", align: "right" },
];

const dayRow = z.object({
  day: z.string(),
  weekday: z.string(),
  flights: z.number(),
  late: z.number(),
  mean: z.string(),
});
const DAYS = `
  select day::varchar as day, dayname(day) as weekday, sum(flights)::integer as flights,
    sum(late_flights) / sum(flights) as late, format('{:.1f} min', sum(delay_minutes) / sum(flights)) as mean
  from delays_by_hour
  group by day
  order by day desc
  limit 7`;

async function airportTable(database: Database, day: string): Promise<string> {
  const airports = await rowsOf(database, airportRow, AIRPORTS, [day]);
  const rows = airports.map((row) => [row.airport, row.place, whole(row.flights), percent(row.late), row.mean]);
  return `Most delayed airports of ${day} (50 departures or more)\n${table(AIRPORT_COLUMNS, rows)}`;
}

const AIRPORT_COLUMNS: readonly Column[] = [
  { title: "airport" },
  { title: "" },
  { title: "departures", align: "right" },
  { title: "late", align: "right" },
  { title: "mean delay", align: "right" },
];

const airportRow = z.object({
  airport: z.string(),
  place: z.string(),
  flights: z.number(),
  late: z.number(),
  mean: z.string(),
});
const AIRPORTS = `
  select airport, city || ', ' || state as place, flights, late_flights / flights as late,
    format('{:.1f} min', delay_minutes / flights) as mean
  from delays_by_airport
  where day = $1 and flights >= 50
  order by delay_minutes / flights desc
  limit 8`;
