import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, expect, it } from "vitest";
import { dayFiles } from "../day-files.ts";
import { IN_MEMORY, withDuckDb } from "../warehouse/duckdb.ts";
import { validateData } from "./validate-data.ts";

const DAY = "2001-03-04";
const FLIGHTS = 8_000;
const folder = mkdtempSync(join(tmpdir(), "flights-validate-"));
const files = dayFiles("/", folder, DAY);
const SHOWN = relative("/", files.controlTotals);

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("lets a day pass that keeps all rules", async () => {
  await stage();
  const { answer, lines } = await validate();
  expect(answer.warnings).toEqual([`the airports have sent no control totals (${SHOWN})`]);
  expect(lines.at(-1)).toBe(`info The flights of ${DAY} keep all rules.`);
});

it.each([
  ["an airport that nobody knows", "origin_latitude = null", 'break the rule "both airports are known": row 6:'],
  [
    "a flight of another day",
    "departed_at = date '2001-03-05'",
    'break the rule "the flight left on this day": row 8000:',
  ],
  ["a key that is missing", "destination = null", "005 to ? at 00:00, delay 5"],
  ["a delay of three days", "delay = 4320", "005 to XYZ at 00:00, delay 4320"],
  ["a flight of no length", "distance = 0", 'break the rule "between 10 and 6,000 miles long": row 6:'],
])("refuses a day with %s, and names the row", async (_, change, expected) => {
  await stage(change);
  await expect(validate()).rejects.toThrow(expected);
});

it("warns of a few delays that are hard to believe, and refuses many", async () => {
  await stage("delay = -1116");
  const { answer } = await validate();
  expect(answer.warnings[0]).toContain(
    '1 of 8000 flights break the rule "at most 2 hours early and 24 hours late": row 6: 005 to XYZ at 00:00, delay -1116',
  );
  await stage("delay = -1116", "departed_at < timestamp '2001-03-04 01:00:00'");
  await expect(validate()).rejects.toThrow("600 of 8000 flights break");
});

it("refuses a day whose share of unknown delays is too high", async () => {
  await stage("delay = null", "departed_at < timestamp '2001-03-04 01:00:00'");
  await expect(validate()).rejects.toThrow('break the rule "the delay is known"');
});

it("refuses a day with too few flights, and one that the join has changed", async () => {
  await stage("delay = delay", "false", 6_000);
  await expect(validate()).rejects.toThrow("6000 flights are too few, a full day has at least 7000");
  await stage("delay = delay", "false", FLIGHTS, FLIGHTS + 1);
  await expect(validate()).rejects.toThrow("8001 flights were extracted, but 8000 came out of the join");
});

it("compares departures with what the airports report, and names the line that differs", async () => {
  await stage();
  deliver("airport,departures\n001,40\n002,400\n");
  await expect(validate()).rejects.toThrow(
    `The flights of ${DAY} are refused: 002 reports 400 departures, the data has 40 (line 3 of ${SHOWN}).`,
  );
  deliver("airport,departures\n001,40\n002,40\n");
  expect((await validate()).answer.warnings).toEqual([]);
});

it("refuses control totals that make no sense", async () => {
  await stage();
  deliver("airport,departures\n001,forty\n");
  await expect(validate()).rejects.toThrow('line 2: "001,forty" is not an airport code, a comma and a number.');
  deliver("001,40\n");
  await expect(validate()).rejects.toThrow('must begin with the line "airport,departures"');
});

/** Writes a day of flights with 200 airports; `change` spoils the rows that `where` finds, by default the sixth. */
async function stage(change = "delay = delay", where = SIXTH, joined = FLIGHTS, extracted = joined): Promise<void> {
  mkdirSync(files.staging, { recursive: true });
  await withDuckDb(IN_MEMORY, async (database) => {
    await database.run(MADE_UP_FLIGHTS, [joined]);
    await database.run(`update joined set ${change} where ${where}`);
    await database.run("copy (select * from joined order by departed_at) to ($1)", [
      join(files.staging, "joined.parquet"),
    ]);
    await database.run("copy (select range from range($1)) to ($2)", [
      extracted,
      join(files.staging, "flights.parquet"),
    ]);
  });
}

const SIXTH = "departed_at = timestamp '2001-03-04 00:00:00' + interval 30 second";
const MADE_UP_FLIGHTS = `
  create table joined as
  select timestamp '2001-03-04 00:00:00' + interval (range * 6) second as departed_at,
    (range % 200)::integer as delay, 500 as distance,
    format('{:03d}', range % 200) as origin, 40.0::double as origin_latitude,
    'XYZ' as destination, 'Somewhere' as destination_city
  from range($1)`;

function deliver(text: string): void {
  mkdirSync(join(folder, "control-totals"), { recursive: true });
  writeFileSync(files.controlTotals, text);
}

async function validate() {
  const lines: string[] = [];
  const keep = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const log = { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
  const params = { folder, publish: true, trouble: "none" as const };
  return { answer: await validateData({ input: {}, ds: DAY, params, attempt: 1, projectDir: "/", log }), lines };
}
