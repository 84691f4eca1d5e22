import { join, relative } from "node:path";
import { fatal } from "batuta";
import { z } from "zod";
import { readControlTotals } from "../control-totals.ts";
import { dayFiles } from "../day-files.ts";
import { type Database, IN_MEMORY, rowsOf, withDuckDb } from "../warehouse/duckdb.ts";
import { AIRPORTS_MIN, FLIGHT_RULES, FLIGHTS_MAX, FLIGHTS_MIN, type FlightRule } from "./flight-rules.ts";
import type { Step } from "./step.ts";

/**
 * Refuses a day that is not what it should be: too few or too many flights, flights lost or doubled by the join, rows
 * that break a rule, or departures that differ from what the airports report. The error names the rows. No retry can
 * mend wrong data, so the task fails for good.
 */
export async function validateData({ ds, params, projectDir, log }: Step) {
  const files = dayFiles(projectDir, params.folder, ds);
  const findings = await withDuckDb(IN_MEMORY, async (database) => {
    await database.run(LOAD_JOINED, [join(files.staging, "joined.parquet"), ds]);
    return [
      ...(await sizeFindings(database, join(files.staging, "flights.parquet"))),
      ...(await inTurn(FLIGHT_RULES, (rule) => ruleFindings(database, rule))),
      ...(await controlFindings(database, projectDir, files.controlTotals)),
    ];
  });
  const refusals = findings.filter((finding) => finding.refused);
  for (const finding of findings.filter((other) => !other.refused)) log.warn(finding.text);
  if (refusals.length > 0) fatal(`The flights of ${ds} are refused: ${refusals.map(({ text }) => text).join("; ")}.`);
  log.info(`The flights of ${ds} keep all rules.`, { warnings: findings.length });
  return { warnings: findings.map((finding) => finding.text) };
}

/** Something that is not as it should be. A warning lets the day pass. */
interface Finding {
  readonly refused: boolean;
  readonly text: string;
}

const LOAD_JOINED =
  "create table joined as select row_number() over () as row, $2::date as day, * from read_parquet($1)";

async function sizeFindings(database: Database, flightsFile: string): Promise<readonly Finding[]> {
  const [size] = await rowsOf(database, sizeRow, SIZES, [flightsFile]);
  if (size === undefined) return [];
  const { joined, extracted, airports } = size;
  return [
    ...refusal(joined !== extracted, `${extracted} flights were extracted, but ${joined} came out of the join`),
    ...refusal(joined < FLIGHTS_MIN, `${joined} flights are too few, a full day has at least ${FLIGHTS_MIN}`),
    ...refusal(joined > FLIGHTS_MAX, `${joined} flights are too many, a day has at most ${FLIGHTS_MAX}`),
    ...refusal(airports < AIRPORTS_MIN, `they left only ${airports} airports, ${AIRPORTS_MIN} or more are expected`),
  ];
}

const sizeRow = z.object({ joined: z.number(), extracted: z.number(), airports: z.number() });
const SIZES = `
  select
    (select count(*) from joined)::integer as joined,
    (select count(*) from read_parquet($1))::integer as extracted,
    (select count(distinct origin) from joined)::integer as airports`;

async function ruleFindings(database: Database, rule: FlightRule): Promise<readonly Finding[]> {
  const broken = await rowsOf(database, brokenRow, brokenRows(rule));
  const [first] = broken;
  if (first === undefined) return [];
  const refused = first.count > rule.allowedShare * first.total;
  const examples = broken.map((row) => row.description).join(", ");
  const more = first.count > broken.length ? ", …" : "";
  return [
    { refused, text: `${first.count} of ${first.total} flights break the rule "${rule.name}": ${examples}${more}` },
  ];
}

const brokenRow = z.object({ count: z.number(), total: z.number(), description: z.string() });

/** The first rows that break the rule, each with the number of all of them. */
function brokenRows(rule: FlightRule): string {
  return `
    select
      count(*) over ()::integer as count,
      (select count(*) from joined)::integer as total,
      format('row {}: {} to {} at {}, delay {}', row, coalesce(origin, '?'), coalesce(destination, '?'),
        coalesce(strftime(departed_at, '%H:%M'), '?'), coalesce(delay::varchar, '?')) as description
    from joined
    where ${rule.broken}
    order by row
    limit 3`;
}

/** The airports count their departures themselves; a difference means that flights are missing, or a typing error. */
async function controlFindings(database: Database, projectDir: string, file: string): Promise<readonly Finding[]> {
  const totals = await readControlTotals(file);
  const shown = relative(projectDir, file);
  if (totals === undefined) return [{ refused: false, text: `the airports have sent no control totals (${shown})` }];
  const departures = await rowsOf(database, departuresRow, DEPARTURES);
  const counted = new Map(departures.map((row) => [row.airport, row.flights]));
  return totals.flatMap(({ line, airport, departures: reported }) => {
    const found = counted.get(airport) ?? 0;
    const text = `${airport} reports ${reported} departures, the data has ${found} (line ${line} of ${shown})`;
    return refusal(found !== reported, text);
  });
}

const departuresRow = z.object({ airport: z.string(), flights: z.number() });
const DEPARTURES = "select origin as airport, count(*)::integer as flights from joined group by origin";

function refusal(when: boolean, text: string): readonly Finding[] {
  return when ? [{ refused: true, text }] : [];
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<readonly R[]>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(...(await work(item)));
  return results;
}
