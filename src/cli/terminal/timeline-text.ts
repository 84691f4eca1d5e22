import { formatDuration } from "../../core/duration.ts";
import type { Instant } from "../../core/instant.ts";
import type {
  CollisionReport,
  DeadlineReport,
  LateAssetReport,
  TimelineReport,
  TimelineRun,
} from "../timeline/timeline-report.ts";
import { counted } from "./counted.ts";
import { formatInstant } from "./instant-text.ts";
import type { Output } from "./output.ts";
import { type Column, renderTable } from "./table.ts";
import { timelineBars } from "./timeline-bars.ts";

type Look = Pick<Output, "columns" | "colors">;

/** Of a pipeline that runs more often its runs are told together. */
const RUNS_SHOWN_MAX = 6;
/** Of each collision so many of those that wait are named. */
const WAITING_SHOWN_MAX = 3;
const LIST_MAX = 20;

/** The time ahead for people, on their own clock: bars, runs, collisions, deadlines, and what is not foreseen. */
export function timelineText(report: TimelineReport, out: Look): string {
  const { from, to, slots, runs } = report;
  const parts = [
    `From ${minuteText(from)} to ${minuteText(to)}, with ${counted(slots, "slot")} of the engine.`,
    runs.length === 0 ? "Nothing will run." : timelineBars(report, out),
    runs.length === 0 ? "" : renderTable(COLUMNS, rowsOf(runs), out),
    section("Collisions", report.collisions.map(collisionText), out),
    section(
      "Deadlines that will be missed",
      [...report.deadlines.map(deadlineText), ...report.lateAssets.map(lateAssetText)],
      out,
    ),
    section("Not foreseen", unforeseenTexts(report), out),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

const COLUMNS: readonly Column[] = [
  { title: "PIPELINE", whenNarrow: "shrinks" },
  { title: "DUE" },
  { title: "START" },
  { title: "END" },
  { title: "TAKES", align: "right" },
  { title: "WAITS", whenNarrow: "shrinks" },
];

function rowsOf(runs: readonly TimelineRun[]): readonly (readonly string[])[] {
  const groups = Map.groupBy(runs, ({ pipeline, schedule = "" }) => JSON.stringify([pipeline, schedule]));
  return [...groups.values()]
    .flatMap((of) => (of.length > RUNS_SHOWN_MAX ? [togetherRow(of)] : of.map(runRow)))
    .sort((one, other) => one.at.localeCompare(other.at))
    .map(({ cells }) => cells);
}

interface Row {
  readonly at: string;
  readonly cells: readonly string[];
}

function runRow(run: TimelineRun): Row {
  const { due, starts, ends, takesMs, state } = run;
  const end = endText(due, ends);
  const cells = [
    titleOf(run),
    minuteText(due),
    starts === undefined ? "later" : timeText(starts),
    state === "failed" ? `${end} failed` : end,
    takesMs === undefined ? "" : formatDuration(takesMs),
    waitsText(run),
  ];
  return { at: due, cells };
}

function togetherRow(runs: readonly TimelineRun[]): Row {
  const [first] = runs;
  const last = runs.at(-1);
  if (first === undefined || last === undefined) return { at: "", cells: [] };
  const longest = runs.reduce((most, { takesMs = 0 }) => Math.max(most, takesMs), 0);
  const waiting = runs.filter((run) => waitMs(run) > 0);
  const cells = [
    `${titleOf(first)} ×${runs.length}`,
    minuteText(first.due),
    first.starts === undefined ? "later" : timeText(first.starts),
    endText(first.due, last.ends),
    `≤ ${formatDuration(longest)}`,
    waiting.length === 0 ? "" : `${waiting.length} of them, up to ${formatDuration(Math.max(...waiting.map(waitMs)))}`,
  ];
  return { at: first.due, cells };
}

/** With its date where that is another than the one beside it. */
function endText(due: string, ends: string | undefined): string {
  if (ends === undefined) return "later";
  const [day] = minuteText(due).split(" ");
  return minuteText(ends).startsWith(`${day} `) ? timeText(ends) : minuteText(ends);
}

function titleOf({ pipeline, schedule, id, trigger }: TimelineRun): string {
  const named = schedule === undefined || schedule === "main" ? pipeline : `${pipeline}:${schedule}`;
  if (id !== undefined) return `${named} (has begun)`;
  return trigger === "api" ? `${named} (child)` : named;
}

function waitMs({ placeMs = 0, waits }: TimelineRun): number {
  return waits.reduce((most, { ms }) => Math.max(most, ms), placeMs);
}

function waitsText({ placeMs, waits }: TimelineRun): string {
  const place = placeMs === undefined ? [] : [`${formatDuration(placeMs)} for a place (maxRuns)`];
  const tasks = waits
    .toSorted((one, other) => other.ms - one.ms)
    .map(
      ({ task, for: limit, ms }) => `${task} ${formatDuration(ms)}${limit === "" ? "" : ` for ${limitText(limit)}`}`,
    );
  return [...place, ...tasks].join(", ");
}

function limitText(limit: string): string {
  if (limit === "slots") return "a slot of the engine";
  const colon = limit.indexOf(":");
  return `${limit.slice(0, colon)} ${limit.slice(colon + 1)}`;
}

function collisionText({ limit, slots, from, to, waiting }: CollisionReport): string {
  const longest = waiting.toSorted((one, other) => other.ms - one.ms);
  const named = longest
    .slice(0, WAITING_SHOWN_MAX)
    .map(({ pipeline, task, ms }) => `${pipeline}/${task} ${formatDuration(ms)}`);
  const more = waiting.length > named.length ? [`and ${waiting.length - named.length} more`] : [];
  return `${minuteText(from)} – ${timeText(to)}  ${limitText(limit)} (${slots}) is full; ${[...named, ...more].join(", ")} wait`;
}

function deadlineText({ pipeline, ds, task, deadline, due, ends, waitsFor }: DeadlineReport): string {
  const what = task === undefined ? pipeline : `${pipeline}/${task}`;
  const end = ends === undefined ? "does not end in this time" : `ends ${timeText(ends)}`;
  const why = waitsFor.length === 0 ? "" : `; at that moment: ${waitsFor.join(", ")}`;
  return `${minuteText(due)}  ${what} of ${ds}, ${deadline}: ${end}${why}`;
}

function lateAssetText({ asset, deadline, due, madeAt }: LateAssetReport): string {
  const made = madeAt === undefined ? "is not made in this time" : `is made ${timeText(madeAt)}`;
  return `${minuteText(due)}  asset ${asset}, ${deadline}: ${made}`;
}

function unforeseenTexts({ folded, unforeseen, paused, assumed }: TimelineReport): readonly string[] {
  return [
    ...paused.map((pipeline) => `${pipeline} is paused: nothing of it starts`),
    ...folded.map(
      ({ pipeline, schedule, runs }) =>
        `${pipeline}:${schedule} fires about ${runs} times: too often to be run ahead of time, its load is not counted`,
    ),
    ...unforeseen
      .filter(({ why }) => why in UNFORESEEN)
      .map(({ pipeline, schedule, why }) => `${pipeline}:${schedule} ${UNFORESEEN[why] ?? ""}`),
    ...(assumed.length === 0 ? [] : [`a time is assumed for what has never succeeded: ${shortList(assumed)}`]),
  ];
}

const UNFORESEEN: Readonly<Record<string, string>> = {
  fault: "is out of order: `batuta why` says why",
  code: "fires when its own function says",
  off: "is off",
};

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, LIST_MAX).join(", ");
  return names.length > LIST_MAX ? `${shown} and ${names.length - LIST_MAX} more` : shown;
}

function section(title: string, lines: readonly string[], { colors }: Look): string {
  if (lines.length === 0) return "";
  const shown =
    lines.length > LIST_MAX ? [...lines.slice(0, LIST_MAX), `and ${lines.length - LIST_MAX} more (--json)`] : lines;
  return [colors.bold(title), ...shown.map((line) => `  ${line}`)].join("\n");
}

/** `2026-11-26 17:00` */
function minuteText(iso: string): string {
  return formatInstant(instantOf(iso)).slice(0, 16);
}

/** `17:00:05` */
function timeText(iso: string): string {
  return formatInstant(instantOf(iso)).slice(11, 19);
}

function instantOf(iso: string): Instant {
  return Date.parse(iso);
}
