import { readFile } from "node:fs/promises";

/** One line of a file of control totals: how many departures an airport says it had that day. */
export interface ControlTotal {
  /** 1-based, as an editor shows it. */
  readonly line: number;
  readonly airport: string;
  readonly departures: number;
}

export const CONTROL_HEADER = "airport,departures";

/** Reads the file the airports sent; undefined when there is none. A line that makes no sense is an error. */
export async function readControlTotals(file: string): Promise<readonly ControlTotal[] | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const [header, ...rows] = text.trimEnd().split(/\r?\n/);
  if (header !== CONTROL_HEADER) throw new Error(`${file} must begin with the line "${CONTROL_HEADER}".`);
  return rows.map((row, index) => readRow(file, row, index + 2));
}

function readRow(file: string, row: string, line: number): ControlTotal {
  const found = /^([A-Z0-9]{3}),(\d+)$/.exec(row);
  const [, airport, departures] = found ?? [];
  if (airport === undefined || departures === undefined) {
    throw new Error(`${file}, line ${line}: "${row}" is not an airport code, a comma and a number.`);
  }
  return { line, airport, departures: Number(departures) };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
