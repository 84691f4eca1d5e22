import { asset, cron, daily, exponential, pipeline } from "batuta";
import { sql } from "batuta/tasks";
import { extractAirports } from "../steps/extract-airports.ts";
import { extractFlights } from "../steps/extract-flights.ts";
import { notifyTeam } from "../steps/notify-team.ts";
import { publishReport } from "../steps/publish-report.ts";
import { flightParams } from "../steps/step.ts";
import { validateData } from "../steps/validate-data.ts";

const delays = asset("warehouse/delays", { partitions: daily({ start: "2001-01-01" }) });
const reports = asset("reports/flights", { partitions: daily({ start: "2001-01-01" }) });

/** How late a day's flights were, by airport, hour and route: from the archive to the warehouse and a page to read. */
export default pipeline(
  "flights",
  {
    description: "Flight delays of one day: extract, join, check, load, report",
    owner: "flight-data",
    tags: ["example"],
    schedule: cron("@daily"),
    params: flightParams,
    retries: exponential({ limit: 2, first: "500ms", factor: 2 }),
    timeout: "5m",
  },
  ({ task }) => {
    const flights = task("extract_flights", extractFlights);
    const airports = task("extract_airports", extractAirports);
    const joined = task("join_sources", { input: { flights, airports } }, sql.file("sql/join_sources.sql"));
    const valid = task("validate_data", { after: joined }, validateData);
    const transformed = task("transform_delays", { after: joined }, sql.file("sql/transform_delays.sql"));
    const loaded = task(
      "load_warehouse",
      { after: [valid, transformed], outputs: [delays] },
      sql.file("sql/load_warehouse.sql", { connection: "warehouse" }),
    );
    const page = task(
      "publish_report",
      { after: loaded, connections: ["warehouse"], inputs: [delays], outputs: [reports] },
      publishReport,
    );
    task("notify_team", { input: { page }, when: "none_failed" }, notifyTeam);
  },
);
