import { formatDuration } from "../../core/duration.ts";
import type { BackfillRecord } from "../../store/backfill-records.ts";
import { type BackfillReport, doneOf, type IntervalReport, type PreviewReport, skippedOf } from "../backfill-report.ts";
import { counted } from "./counted.ts";
import { formatInstant } from "./instant-text.ts";
import type { Output } from "./output.ts";
import { paintState } from "./state-style.ts";
import { type Column, renderTable } from "./table.ts";

const BAR_WIDTH = 24;

/** What is to be expected of it. */
export interface Outlook {
  readonly leftMs: number | undefined;
  /** For how long nothing of it has ended, where that is too long. */
  readonly stillMs: number | undefined;
}

/** How far it is, in one line: a bar, counts, and how long it will still take. */
export function progressLine(backfill: BackfillRecord, outlook: Outlook, { colors }: Output): string {
  const { id, pipeline, intervals, runs, state } = backfill;
  const done = Math.min(doneOf(backfill), intervals);
  const filled = Math.floor((done / intervals) * BAR_WIDTH);
  const bar = `${"█".repeat(filled)}${colors.dim("░".repeat(BAR_WIDTH - filled))}`;
  return `backfill ${id} of ${pipeline}  ${bar}  ${parts(done, intervals, { pipeline, runs, state, ...outlook }, colors)}`;
}

/** The same where nothing is drawn. */
export function progressText(backfill: BackfillRecord, outlook: Outlook, { colors }: Output): string {
  const { id, pipeline, intervals, runs, state } = backfill;
  const done = Math.min(doneOf(backfill), intervals);
  return `backfill ${id} of ${pipeline}: ${parts(done, intervals, { pipeline, runs, state, ...outlook }, colors)}`;
}

interface Facts extends Pick<BackfillRecord, "pipeline" | "runs" | "state">, Outlook {}

function parts(done: number, total: number, facts: Facts, colors: Output["colors"]): string {
  const { runs, state } = facts;
  const told = [
    `${done.toLocaleString("en")}/${total.toLocaleString("en")} done`,
    ...(runs.running === 0 ? [] : [paintState(colors, "running", `${runs.running} running`)]),
    ...(runs.failed === 0 ? [] : [paintState(colors, "failed", `${runs.failed.toLocaleString("en")} failed`)]),
    ...(state === "running" ? [] : [state]),
    ...(state === "running" ? outlookParts(facts) : []),
  ];
  return told.join(colors.dim(" · "));
}

function outlookParts({ pipeline, leftMs, stillMs }: Facts): readonly string[] {
  if (stillMs !== undefined) {
    return [`nothing has ended for ${formatDuration(stillMs)}: batuta why ${pipeline} says what it waits for`];
  }
  return leftMs === undefined ? [] : [`about ${formatDuration(leftMs)} left`];
}

/** What came of it. */
export function backfillText(report: BackfillReport, { colors }: Output): string {
  const { id, pipeline, schedule, state, from, to, intervals, runs, skipped, order, maxActive, reprocess } = report;
  const of = schedule === undefined ? pipeline : `${pipeline}, schedule ${schedule}`;
  const lines = [
    `${colors.bold(`Backfill ${id}`)} of ${of}: ${from} to ${to}, ${counted(intervals, "interval")}, ${state}`,
    `  asked for ${formatInstant(Date.parse(report.createdAt))} by ${report.actor}: ${reprocess}, ${words(order)}, ${maxActive} at a time`,
    `  runs: ${countsText(runs)}`,
  ];
  if (skippedOf(skipped) > 0) lines.push(`  left as they are: ${skippedText(skipped)}`);
  return lines.join("\n");
}

function countsText(runs: BackfillReport["runs"]): string {
  const told = Object.entries(runs).filter(([, count]) => count > 0);
  return told.length === 0 ? "none" : told.map(([state, count]) => `${count.toLocaleString("en")} ${state}`).join(", ");
}

function skippedText({ in_flight, succeeded, failed, filtered }: BackfillReport["skipped"]): string {
  const told: readonly (readonly [number, string])[] = [
    [in_flight, "in flight"],
    [succeeded, "succeeded already"],
    [failed, "failed (--reprocess failed takes them)"],
    [filtered, "left out by the schedule's calendar"],
  ];
  return told
    .filter(([count]) => count > 0)
    .map(([count, why]) => `${count.toLocaleString("en")} ${why}`)
    .join(", ");
}

const COLUMNS: readonly Column[] = [
  { title: "ID", align: "right" },
  { title: "PIPELINE", whenNarrow: "shrinks" },
  { title: "SCHEDULE", whenNarrow: "yields" },
  { title: "FROM" },
  { title: "TO" },
  { title: "STATE" },
  { title: "DONE", align: "right" },
  { title: "FAILED", align: "right" },
  { title: "ASKED FOR", whenNarrow: "yields" },
];

export function backfillTable(reports: readonly BackfillReport[], output: Output): string {
  const rows = reports.map((report) => {
    const { id, pipeline, schedule = "", from, to, state, done, intervals, runs, createdAt } = report;
    const share = `${done.toLocaleString("en")}/${intervals.toLocaleString("en")}`;
    return [
      String(id),
      pipeline,
      schedule,
      from,
      to,
      state,
      share,
      String(runs.failed),
      formatInstant(Date.parse(createdAt)),
    ];
  });
  return renderTable(COLUMNS, rows, output);
}

/** What would run, and why the rest would not: of a long range the two ends. */
export function previewText(report: PreviewReport, { colors }: Output): string {
  const { pipeline, schedule, intervals, runs, order, skipped, first, last, left } = report;
  const of = schedule === undefined ? pipeline : `${pipeline}, schedule ${schedule}`;
  const lines = [
    `${colors.bold("Would run")} ${runs.toLocaleString("en")} of ${counted(intervals, "interval")} of ${of}, ${words(order)}:`,
  ];
  lines.push(...first.map(intervalLine));
  const between = runs - first.length - last.length;
  if (between > 0) lines.push(`  … ${between.toLocaleString("en")} more`);
  lines.push(...last.map(intervalLine));
  const skippedAll = skippedOf(skipped);
  if (skippedAll === 0) return lines.join("\n");
  lines.push("", `${colors.bold("Left as they are:")} ${skippedText(skipped)}.`, ...left.map(intervalLine));
  if (skippedAll > left.length) lines.push(`  … ${(skippedAll - left.length).toLocaleString("en")} more`);
  return lines.join("\n");
}

function intervalLine({ ds, start, end, reason }: IntervalReport): string {
  return `  ${ds}  ${short(start)}/${short(end)}${reason === undefined ? "" : `  ${words(reason)}`}`;
}

function short(iso: string): string {
  return iso.replace(/(:00)?\.000Z$/, "Z");
}

function words(code: string): string {
  return code.replaceAll("_", " ");
}
