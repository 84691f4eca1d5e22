import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the files of one day are. Big data stays in them; tasks hand each other paths and counts. */
export interface DayFiles {
  /** Parquet files between the tasks; a run of the same day writes them anew. */
  readonly staging: string;
  /** How many departures the airports say they had; absent when they sent nothing. */
  readonly controlTotals: string;
  readonly report: string;
  readonly message: string;
}

/** `folder` is relative to the project, or absolute. */
export function dayFiles(projectDir: string, folder: string, ds: string): DayFiles {
  const data = resolve(projectDir, folder);
  return {
    staging: join(data, "staging", ds),
    controlTotals: join(data, "control-totals", `${ds}.csv`),
    report: join(data, "reports", `flights-${ds}.html`),
    message: join(data, "messages", `${ds}.txt`),
  };
}

/** The source files: 3,000,000 flights of January to June 2001, US airports, and the outlines of the states. */
export const SOURCES = {
  flights: sourceFile("flights-3m.parquet"),
  airports: sourceFile("airports.csv"),
  states: sourceFile("us-10m.json"),
};

function sourceFile(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.resolve("vega-datasets")));
}
