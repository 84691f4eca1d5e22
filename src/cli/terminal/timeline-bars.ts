import type { TimelineReport, TimelineRun } from "../timeline/timeline-report.ts";
import { formatInstant } from "./instant-text.ts";
import type { Output } from "./output.ts";
import { fitWidth, padEnd, textWidth } from "./text-width.ts";

const NAME_WIDTH_MAX = 28;
const CELLS_MAX = 96;
const CELLS_MIN = 24;
/** Of the hours at the top: `17:00` and a space. */
const HOUR_WIDTH = 6;
const PIPELINES_MAX = 60;

/** A line for each pipeline: when its runs are under way. */
export function timelineBars(
  { from, to, runs }: Pick<TimelineReport, "from" | "to" | "runs">,
  { columns, colors }: Pick<Output, "columns" | "colors">,
): string {
  const byPipeline = [...Map.groupBy(runs, ({ pipeline }) => pipeline)];
  const names = byPipeline.map(([name]) => textWidth(name));
  const nameWidth = Math.min(NAME_WIDTH_MAX, Math.max(...names, 0));
  const cells = Math.min(CELLS_MAX, Math.max(CELLS_MIN, columns - nameWidth - 2));
  const scale = { start: Date.parse(from), cellMs: (Date.parse(to) - Date.parse(from)) / cells, cells };
  const lines = byPipeline
    .slice(0, PIPELINES_MAX)
    .map(([name, of]) => `${padEnd(fitWidth(name, nameWidth), nameWidth)}  ${barOf(of, scale)}`);
  const more = byPipeline.length > PIPELINES_MAX ? [`and ${byPipeline.length - PIPELINES_MAX} more pipelines`] : [];
  return [colors.dim(`${" ".repeat(nameWidth)}  ${hoursOf(scale)}`), ...lines, ...more].join("\n");
}

interface Scale {
  readonly start: number;
  readonly cellMs: number;
  readonly cells: number;
}

function barOf(runs: readonly TimelineRun[], { start, cellMs, cells }: Scale): string {
  const bar = Array.from({ length: cells }, () => "·");
  for (const { starts, ends, due } of runs) {
    const end = ends === undefined ? cells - 1 : Math.floor((Date.parse(ends) - start) / cellMs);
    const wait = Math.floor((Date.parse(due) - start) / cellMs);
    const begin = starts === undefined ? cells : Math.floor((Date.parse(starts) - start) / cellMs);
    for (let cell = Math.max(0, wait); cell < Math.min(begin, cells); cell++) if (bar[cell] === "·") bar[cell] = "░";
    for (let cell = Math.max(0, begin); cell <= Math.min(end, cells - 1); cell++) bar[cell] = "█";
  }
  return bar.join("");
}

function hoursOf({ start, cellMs, cells }: Scale): string {
  let line = "";
  for (let cell = 0; cell + HOUR_WIDTH <= cells; cell += HOUR_WIDTH * 2) {
    line = padEnd(line, cell) + formatInstant(start + cell * cellMs).slice(11, 16);
  }
  return line;
}
