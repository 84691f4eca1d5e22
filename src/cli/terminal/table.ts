import Table from "cli-table3";
import type { Output } from "./output.ts";
import { fitWidth, textWidth } from "./text-width.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** May be cut when the terminal is too narrow; the others keep their width. */
  readonly flexible?: boolean;
}

/** Rows under titles, columns two spaces apart, no lines: easy to read and to cut with awk. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  output: Pick<Output, "columns" | "colors">,
): string {
  const table = new Table({
    chars: NO_LINES,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colAligns: columns.map((column) => column.align ?? "left"),
  });
  table.push(columns.map((column) => output.colors.dim(column.title)));
  for (const row of fitted(columns, rows, output.columns)) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** Takes what is too wide from the flexible columns, the widest first. */
function fitted(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  available: number,
): readonly (readonly string[])[] {
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[index] ?? ""))),
  );
  let excess = widths.reduce((sum, width) => sum + width + 2, -2) - available;
  while (excess > 0) {
    const widest = widestFlexible(columns, widths);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return rows.map((row) => row.map((cell, index) => fitWidth(cell, widths[index] ?? 0)));
}

function widestFlexible(columns: readonly Column[], widths: readonly number[]): number | undefined {
  let widest: number | undefined;
  columns.forEach((column, index) => {
    const width = widths[index] ?? 0;
    const floor = Math.max(FLEXIBLE_WIDTH_MIN, textWidth(column.title));
    if (column.flexible === true && width > floor && (widest === undefined || width > (widths[widest] ?? 0)))
      widest = index;
  });
  return widest;
}

const FLEXIBLE_WIDTH_MIN = 8;
