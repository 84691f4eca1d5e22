import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runPipeline } from "batuta/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { type DayFiles, dayFiles, SOURCES } from "./day-files.ts";
import flights from "./pipelines/flights.ts";
import { recount, type Tally } from "./recount-for-tests.ts";
import { minutes, percent, whole } from "./report/wording.ts";
import { IN_MEMORY, rowsOf, withDuckDb } from "./warehouse/duckdb.ts";
import { readDay } from "./warehouse/read-day.ts";

const DAY = "2001-06-15";
const OTHER_DAY = "2001-01-03";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flights-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("gets the numbers that another Parquet reader and plain loops get", async () => {
  (await run(DAY)).succeeded();
  const expected = await recount(DAY);
  expect(await talliesOf("delays_by_airport", "airport")).toEqual(sorted(expected.byAirport));
  expect(await talliesOf("delays_by_hour", "hour")).toEqual(sorted(expected.byHour));
  expect(await talliesOf("delays_by_route", "origin || '-' || destination")).toEqual(sorted(expected.byRoute));
  expect(await figures(DAY)).toMatchObject({
    flights: expected.all.flights,
    lateFlights: expected.all.lateFlights,
    meanDelay: expected.all.delayMinutes / expected.all.flights,
    medianDelay: expected.medianDelay,
    worst: { delay: expected.longestDelay },
    routeCount: expected.byRoute.size,
  });
});

it("leaves the same rows when the same day runs twice", async () => {
  (await run(DAY)).succeeded();
  const once = await everything();
  (await run(DAY)).succeeded();
  expect(await everything()).toEqual(once);
});

it("keeps the days apart", async () => {
  (await run(DAY)).succeeded();
  const before = await figures(DAY);
  (await run(OTHER_DAY)).succeeded();
  expect(await figures(DAY)).toEqual(before);
  expect((await figures(OTHER_DAY))?.flights).toBe((await recount(OTHER_DAY)).all.flights);
});

it("publishes a report with the numbers of the day, and tells the team", async () => {
  (await run(DAY)).succeeded();
  const { all } = await recount(DAY);
  const html = readFileSync(files().report, "utf8");
  for (const text of [
    whole(all.flights),
    minutes(all.delayMinutes / all.flights),
    percent(all.lateFlights / all.flights),
  ]) {
    expect(html).toContain(text);
  }
  expect(readFileSync(files().message, "utf8")).toContain(files().report);
});

it("tells the team without a report when none is asked for", async () => {
  const result = await run(DAY, { publish: false });
  result.succeeded().states({ publish_report: "skipped", notify_team: "success" });
});

it("succeeds at the third attempt when the download breaks off twice", async () => {
  const result = await run(DAY, { trouble: "flaky" });
  result.succeeded().task("extract_flights").succeeded().attempts(3);
});

it("refuses a day whose control totals are wrong, and loads nothing of it", async () => {
  deliver("airport,departures\nORD,8885\nATL,676\n");
  const result = await run(DAY);
  result.failed().states({
    transform_delays: "success",
    validate_data: "failed",
    load_warehouse: "upstream_failed",
    publish_report: "upstream_failed",
    notify_team: "upstream_failed",
  });
  expect(result.task("validate_data").facts.failure?.message).toContain(
    "ORD reports 8885 departures, the data has 885 (line 2",
  );
});

it("says which days there are when it is asked for another one", async () => {
  const result = await run("2002-02-02");
  expect(result.failed().task("extract_flights").attempts(1).facts.failure?.message).toBe(
    "There are no flights on 2002-02-02: the archive covers 2001-01-01 to 2001-07-01.",
  );
});

it("demonstrates itself on the whole day with the longest mean delay of the archive", async () => {
  const worst = await withDuckDb(IN_MEMORY, (database) =>
    rowsOf(database, z.object({ day: z.string() }), WORST_DAY, [SOURCES.flights]),
  );
  expect(worst).toEqual([{ day: DAY }]);
});

const WORST_DAY = `
  select date::date::varchar as day from read_parquet($1)
  group by 1 having count(*) > 10000 order by avg(delay) desc limit 1`;

function run(date: string, params: Readonly<Record<string, string | boolean>> = {}) {
  return runPipeline(flights, {
    date,
    params: { folder, ...params },
    connections: { warehouse: `duckdb:${warehouse()}` },
    projectDir: import.meta.dirname,
  });
}

function warehouse(): string {
  return join(folder, "warehouse.duckdb");
}

function files(day = DAY): DayFiles {
  return dayFiles("/", folder, day);
}

function deliver(text: string): void {
  mkdirSync(dirname(files().controlTotals), { recursive: true });
  writeFileSync(files().controlTotals, text);
}

function figures(day: string) {
  return withDuckDb(warehouse(), (database) => readDay(database, day));
}

const tallyRow = z.object({ key: z.string(), flights: z.number(), lateFlights: z.number(), delayMinutes: z.number() });

/** What a table says of each key, as the recount does. */
async function talliesOf(table: string, key: string): Promise<readonly (readonly [string, Tally])[]> {
  const query = `select (${key})::varchar as key, flights, late_flights as "lateFlights",
    delay_minutes as "delayMinutes" from ${table} where day = $1`;
  const rows = await withDuckDb(warehouse(), (database) => rowsOf(database, tallyRow, query, [DAY]));
  return sorted(new Map(rows.map(({ key: name, ...tally }) => [name, tally])));
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Every row of every table, as text. */
function everything(): Promise<readonly (readonly string[])[]> {
  return withDuckDb(warehouse(), async (database) => {
    const text = z.object({ text: z.string() });
    const tables = await rowsOf(database, text, "select table_name as text from duckdb_tables() order by text");
    const contents: string[][] = [];
    for (const table of tables) {
      const rows = await rowsOf(database, text, `select row::varchar as text from ${table.text} as row order by text`);
      contents.push(rows.map((row) => row.text));
    }
    return contents;
  });
}
