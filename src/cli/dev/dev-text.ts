import { formatDuration } from "../../core/duration.ts";
import { type ProjectProblem, problemError } from "../../execution/project/problem.ts";
import { problemText } from "../envelope.ts";
import { shortId } from "../run-reference.ts";
import { counted } from "../terminal/counted.ts";
import { formatInstant, formatTimeOfDay } from "../terminal/instant-text.ts";
import { intervalText } from "../terminal/interval-text.ts";
import type { Output } from "../terminal/output.ts";
import { reasonText } from "../terminal/reason-text.ts";
import { paintState, stateIcon, stateLabel } from "../terminal/state-style.ts";
import { renderTable } from "../terminal/table.ts";
import { oneLine } from "../terminal/text-width.ts";
import type {
  DevReport,
  LateReport,
  ReloadReport,
  RunReport,
  ScheduleReport,
  SetAsideReport,
  StartReport,
  TaskReport,
  TicksReport,
} from "./dev-report.ts";

type Page = Pick<Output, "colors" | "columns">;

/** A report in words: one line for what happens often, a few for what a person has to look at. */
export function devText(report: DevReport, page: Page): string {
  switch (report.kind) {
    case "started":
      return startText(report, page);
    case "reloaded":
      return reloadText(report, page);
    case "run":
      return runLine(report, page);
    case "task":
      return taskLine(report, page);
    case "late":
      return lateLine(report, page);
    case "ticks_left_out":
      return ticksLine(report, page);
    case "schedule_set_aside":
      return setAsideLine(report, page);
    case "schedule_mended":
      return stamped(report.at, page, `${page.colors.green("✔")} ${scheduleText(report)} is planned again`);
    case "trouble":
      return stamped(report.at, page, `${page.colors.yellow("!")} ${report.message}`);
    case "stopping":
      return "Stopping. What runs is ended and begins again at the next start. Once more kills it at once.";
    case "killing":
      return "Killing what still runs.";
    case "stopped":
      return "Stopped.";
  }
}

function startText(report: StartReport, page: Page): string {
  const { colors } = page;
  const { project, ms, pipelines, schedules, problems, resumed } = report;
  const head = `${colors.bold(project)}: ${counted(pipelines, "pipeline")}, ${counted(schedules.length, "schedule")}; ready in ${formatDuration(ms)}.`;
  return [
    ...problems.map((problem) => problemBlock(problem, page)),
    ...keptLines(report.kept, page),
    head,
    ...(resumed === 0 ? [] : [`Going on with ${counted(resumed, "run")} of before.`]),
    ...(schedules.length === 0 ? [] : ["", scheduleTable(schedules, page), ""]),
    colors.dim("Files are watched. Ctrl-C stops."),
  ].join("\n");
}

/** More than this are for `--json`. */
const SCHEDULES_SHOWN_MAX = 20;

function scheduleTable(schedules: readonly ScheduleReport[], page: Page): string {
  const rows = schedules
    .slice(0, SCHEDULES_SHOWN_MAX)
    .map(({ pipeline, schedule, timing, timezone, nextAt, rest }) => [
      scheduleName(pipeline, schedule),
      nextAt === undefined ? (rest ?? "") : formatInstant(nextAt),
      `${timing} ${timezone}`,
    ]);
  const table = renderTable(
    [{ title: "SCHEDULE" }, { title: "NEXT" }, { title: "", whenNarrow: "yields" }],
    rows,
    page,
  );
  const left = schedules.length - SCHEDULES_SHOWN_MAX;
  return left > 0 ? `${table}\n… and ${counted(left, "more schedule")}` : table;
}

function reloadText(report: ReloadReport, page: Page): string {
  const { at, ms, problems, mended, kept, schedules } = report;
  const { colors } = page;
  const next = schedules.find(({ nextAt, rest }) => (nextAt ?? rest) !== undefined);
  const verdict = problems.length > 0 ? colors.red("✖") : colors.green("↻");
  return [
    stamped(at, page, `${verdict} reloaded in ${formatDuration(ms)}: ${changesText(report)}${firesText(next)}`),
    ...mended.map((file) => stamped(at, page, `${colors.green("✔")} nothing is wrong with ${file} any more`)),
    ...problems.map((problem) => problemBlock(problem, page)),
    ...(problems.length === 0 ? [] : keptLines(kept, page)),
  ].join("\n");
}

function firesText(next: ScheduleReport | undefined): string {
  if (next === undefined) return "";
  const { pipeline, nextAt, rest = "" } = next;
  return nextAt === undefined ? `, ${pipeline}: ${rest}` : `, ${pipeline} runs next ${formatInstant(nextAt)}`;
}

function changesText({ added, changed, removed, files }: ReloadReport): string {
  const parts = [changeText(added, "added"), changeText(changed, "changed"), changeText(removed, "removed")].filter(
    (part) => part !== "",
  );
  if (parts.length > 0) return parts.join(", ");
  const [first = "", ...others] = files;
  return `${first}${others.length === 0 ? "" : ` and ${counted(others.length, "other file")}`} changed, no pipeline did`;
}

const NAMES_SHOWN_MAX = 3;

function changeText(names: readonly string[], participle: string): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, NAMES_SHOWN_MAX).join(", ");
  const more = names.length > NAMES_SHOWN_MAX ? ", …" : "";
  return `${counted(names.length, "pipeline")} ${participle} (${shown}${more})`;
}

function problemBlock(problem: ProjectProblem, page: Page): string {
  return `${problemText(problemError(problem), page)}\n`;
}

function keptLines(kept: readonly string[], { colors }: Page): readonly string[] {
  if (kept.length === 0) return [];
  const how = kept.length === 1 ? "runs as it was when its file was" : "run as they were when their files were";
  return [colors.yellow(`${kept.join(", ")} ${how} good last.`)];
}

/** Below this a date does not tell which of its intervals it was. */
const SHORT_MS = 20 * 3_600_000;

function runLine(
  { at, pipeline, ds, interval, run, trigger, state, durationMs, reason }: RunReport,
  page: Page,
): string {
  const icon = paintState(page.colors, state, stateIcon(state));
  const lasted = durationMs === undefined ? "" : ` in ${formatDuration(durationMs)}`;
  const by = state === "running" && trigger !== "manual" ? ` (${trigger === "sensor" ? "event" : trigger})` : "";
  const why = said(reasonText(reason, state));
  const isShort = interval.end > interval.start && interval.end - interval.start < SHORT_MS;
  const what = isShort ? intervalText(interval) : ds;
  return stamped(
    at,
    page,
    `${icon} ${pipeline} ${what} ${stateLabel(state)}${lasted}${by}${why}  ${page.colors.dim(shortId(run))}`,
  );
}

function taskLine({ at, pipeline, task, run, state, message, dueAt }: TaskReport, page: Page): string {
  const icon = paintState(page.colors, state, stateIcon(state));
  const due = dueAt === undefined ? "" : ` in ${formatDuration(Math.max(0, dueAt - at))}`;
  return stamped(
    at,
    page,
    `${icon} ${pipeline} › ${task} ${stateLabel(state)}${due}${said(message ?? "")}  ${page.colors.dim(shortId(run))}`,
  );
}

function lateLine({ at, pipeline, task, run, deadline, waitsFor }: LateReport, page: Page): string {
  const { colors } = page;
  const name = task === undefined ? pipeline : `${pipeline} › ${task}`;
  const why = said(waitsFor.join("; "));
  return stamped(at, page, `${colors.yellow("!")} ${name} late (${deadline})${why}  ${colors.dim(shortId(run))}`);
}

function ticksLine({ at, pipeline, schedule, reason, from, to, ticks }: TicksReport, page: Page): string {
  const { colors } = page;
  const why = reason === "missed" ? "missed" : "left out by its calendar";
  const span = from === to ? `of ${formatInstant(from)}` : `from ${formatInstant(from)} to ${formatInstant(to)}`;
  const icon = reason === "missed" ? colors.yellow("◌") : colors.dim("◌");
  return stamped(at, page, `${icon} ${scheduleName(pipeline, schedule)}: ${counted(ticks, "run")} ${why}, ${span}`);
}

function setAsideLine(report: SetAsideReport, page: Page): string {
  const { at, message, location, hint = "Mend it and save.", againAt } = report;
  const place = location === undefined ? "" : ` (${location.file}:${location.line})`;
  const again = `Tried again at ${formatInstant(againAt)}, or with the next change of its file.`;
  const why = `${oneLine(message).replace(/\.$/, "")}${place}. ${hint} ${again}`;
  return stamped(at, page, `${page.colors.red("✖")} ${scheduleText(report)} cannot be planned: ${why}`);
}

function scheduleText({ pipeline, schedule }: { readonly pipeline: string; readonly schedule: string }): string {
  return `the schedule of ${scheduleName(pipeline, schedule)}`;
}

function scheduleName(pipeline: string, schedule: string): string {
  return schedule === "main" ? pipeline : `${pipeline} ${schedule}`;
}

function stamped(at: number, { colors }: Page, text: string): string {
  return `${colors.dim(formatTimeOfDay(at))} ${text}`;
}

function said(text: string): string {
  return text === "" ? "" : `: ${oneLine(text)}`;
}
