import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { skip } from "batuta";
import { dayFiles, SOURCES, warehouseFile } from "../day-files.ts";
import { renderReport } from "../report/report.ts";
import type { Topology } from "../report/us-states.ts";
import { withDuckDb } from "../warehouse/duckdb.ts";
import { readDay } from "../warehouse/read-day.ts";
import type { Step } from "./step.ts";

/** Writes the report of the day as one HTML file. The file is replaced as a whole, never half written. */
export async function publishReport({ ds, params, projectDir, log }: Step) {
  if (!params.publish) skip("No report is asked for (publish=false).");
  const { report } = dayFiles(projectDir, params.folder, ds);
  const warehouse = warehouseFile(projectDir, params.folder);
  const figures = await withDuckDb(warehouse, (database) => readDay(database, ds), "read");
  if (figures === undefined) throw new Error(`${ds} is not in the warehouse.`);
  const states: Topology = JSON.parse(await readFile(SOURCES.states, "utf8"));
  await mkdir(dirname(report), { recursive: true });
  await writeFile(`${report}.new`, renderReport(figures, states));
  await rename(`${report}.new`, report);
  log.info(`Report written to ${report}`, { flights: figures.flights, lateFlights: figures.lateFlights });
  return { report, flights: figures.flights, lateFlights: figures.lateFlights, meanDelay: figures.meanDelay };
}
