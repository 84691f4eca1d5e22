import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { skip, type TaskContext } from "batuta";
import { openConnection } from "batuta/tasks";
import { dayFiles, SOURCES } from "../day-files.ts";
import { renderReport } from "../report/report.ts";
import type { Topology } from "../report/us-states.ts";
import { readDay } from "../warehouse/read-day.ts";
import type { FlightParams } from "./step.ts";

/** What the team hears of a day. */
export interface Published {
  /** Path of the report. */
  readonly report: string;
  readonly flights: number;
  readonly lateFlights: number;
  readonly meanDelay: number;
}

/** Writes the report of the day as one HTML file. The file is replaced as a whole, never half written. */
export async function publishReport(context: TaskContext<unknown, FlightParams>): Promise<Published> {
  const { ds, params, projectDir, log } = context;
  if (!params.publish) skip("No report is asked for (publish=false).");
  const { report } = dayFiles(projectDir, params.folder, ds);
  await using warehouse = await openConnection(context, "warehouse");
  const figures = await readDay(warehouse, ds);
  if (figures === undefined) throw new Error(`${ds} is not in the warehouse.`);
  const states: Topology = JSON.parse(await readFile(SOURCES.states, "utf8"));
  await mkdir(dirname(report), { recursive: true });
  await writeFile(`${report}.new`, renderReport(figures, states));
  await rename(`${report}.new`, report);
  log.info(`Report written to ${report}`, { flights: figures.flights, lateFlights: figures.lateFlights });
  return { report, flights: figures.flights, lateFlights: figures.lateFlights, meanDelay: figures.meanDelay };
}
