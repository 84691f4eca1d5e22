import { formatDuration } from "../../core/duration.ts";
import type { Instant } from "../../core/instant.ts";
import { isJunction } from "../../core/junction.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import type { TaskRunState } from "../../core/state.ts";
import type { Copies, RunProgress, TaskProgress } from "../run-progress.ts";
import { attemptOf } from "./attempt-text.ts";
import { shortMiss } from "./miss-text.ts";
import type { Output } from "./output.ts";
import { reasonText } from "./reason-text.ts";
import { paintState, stateIcon, stateLabel } from "./state-style.ts";
import { type GraphLine, graphLines } from "./task-graph.ts";
import { fitWidth, oneLine, padEnd, textWidth } from "./text-width.ts";

/** Pipeline, date and short id, as the first line names them. */
export interface LiveRunTitle {
  readonly pipeline: string;
  readonly ds: string;
  readonly shortId: string;
}

/**
 * The block of lines that shows a run while it goes on, no taller and no wider than the terminal: the whole graph where
 * it fits, else one line for each task, else counts and the tasks that matter now.
 */
export class LiveRun {
  readonly #pipeline: PipelineSpec;
  readonly #included: readonly number[];
  readonly #title: LiveRunTitle;
  readonly #nameWidth: number;
  readonly #graph: readonly GraphLine[];

  /** `included`: indexes of the tasks that belong to the run, ascending. */
  constructor(pipeline: PipelineSpec, included: readonly number[], title: LiveRunTitle) {
    this.#pipeline = pipeline;
    this.#included = included;
    this.#title = title;
    this.#nameWidth = included.reduce((widest, task) => Math.max(widest, textWidth(this.#name(task))), 0);
    const tasks = pipeline.tasks.filter((task) => !isJunction(task));
    const whole = included.length === tasks.length && included.length <= GRAPH_TASKS_MAX;
    this.#graph = whole
      ? graphLines(pipeline, () => ICON_PLACE)
      : included.map((task) => ({ drawing: ICON_PLACE, task }));
  }

  lines(progress: RunProgress, now: Instant, output: LiveOutput): readonly string[] {
    const picture: Picture = { progress, now, output };
    const lines = [this.#header(picture), ...this.#body(picture), footer(progress, output)];
    return lines.map((line) => fitWidth(line, output.columns - 1));
  }

  #header({ progress, now, output: { colors } }: Picture): string {
    const { pipeline, ds, shortId } = this.#title;
    const elapsed = progress.startedAt === undefined ? "" : elapsedText(now - progress.startedAt);
    const late = progress.misses.length === 0 ? "" : colors.yellow(`! ${lateText(progress)}`);
    return `${colors.bold(pipeline)}  ${ds}  ${colors.dim(`run ${shortId}`)}  ${elapsed}  ${late}`.trimEnd();
  }

  #body(picture: Picture): readonly string[] {
    const { progress, output } = picture;
    const room = output.rows - LINES_AROUND;
    if (this.#graph.length <= room) return this.#graph.map((line) => this.#line(line, picture));
    const list = this.#included.length <= room ? this.#included : whatMatters(progress, room);
    return list.map((task) => this.#line({ drawing: ICON_PLACE, task }, picture));
  }

  #line({ drawing, task }: GraphLine, { progress: run, now, output: { colors } }: Picture): string {
    if (task === undefined) return colors.dim(drawing);
    const progress = run.task(task);
    const state = progress?.state ?? "scheduled";
    const icon = paintState(colors, state, stateIcon(state));
    const [before = "", after = ""] = drawing.split(ICON_PLACE);
    const name = padEnd(this.#name(task), this.#nameWidth);
    const text = `${colors.dim(before)}${icon}${colors.dim(after)} ${state === "scheduled" ? colors.dim(name) : name}`;
    const note = progress === undefined ? "" : taskNote(progress, now, this.#pipeline.tasks[task]?.retries.limit ?? 0);
    return note === "" ? text.trimEnd() : `${text}  ${paintState(colors, state, note)}`;
  }

  #name(task: number): string {
    return this.#pipeline.tasks[task]?.name ?? `task ${task}`;
  }
}

/** The newest miss, and how many there are. */
function lateText({ misses }: RunProgress): string {
  const newest = misses.at(-1);
  if (newest === undefined) return "";
  return misses.length === 1 ? shortMiss(newest) : `${shortMiss(newest)} and ${misses.length - 1} more`;
}

type LiveOutput = Pick<Output, "columns" | "rows" | "colors">;

/** What one picture is drawn from. */
interface Picture {
  readonly progress: RunProgress;
  readonly now: Instant;
  readonly output: LiveOutput;
}

/** Stands for the icon until it is known; no task name and no drawing holds it. */
const ICON_PLACE = "\u25a1";
/** Header, footer and the line on which the cursor rests. */
const LINES_AROUND = 3;
/** Above this no terminal is tall enough, and drawing would be in vain. */
const GRAPH_TASKS_MAX = 500;
const MATTERS: readonly TaskRunState[] = ["failed", "running", "retrying"];

/** Failed tasks first, then what runs, then what waits for its retry. */
function whatMatters(progress: RunProgress, room: number): readonly number[] {
  const rank = (task: number): number => MATTERS.indexOf(progress.task(task)?.state ?? "scheduled");
  return [...progress.active].sort((one, other) => rank(one) - rank(other) || one - other).slice(0, Math.max(0, room));
}

/** What there is to say of a task beside its icon: times, attempts, reasons. */
function taskNote(task: TaskProgress, now: Instant, retryLimit: number): string {
  const { copies } = task;
  if (copies !== undefined) return copiesText(copies);
  const lasted = task.startedAt === undefined ? "" : lastedText(task.startedAt, task.finishedAt, now);
  const attempt = task.attempt > 1 ? attemptOf(task.attempt, retryLimit) : "";
  switch (task.state) {
    case "running":
      return joined([lasted, attempt]);
    case "success":
      return joined([lasted, task.attempt > 1 ? `${task.attempt} attempts` : "", reasonText(task.reason, task.state)]);
    case "retrying": {
      const due = task.dueAt === undefined ? "" : `again in ${elapsedText(task.dueAt - now)}`;
      return joined([`${attemptOf(task.attempt, retryLimit)} failed`, due, oneLine(task.message ?? "")]);
    }
    case "failed":
      return joined([
        lasted,
        task.attempt > 1 ? `${task.attempt} attempts` : "",
        oneLine(task.message ?? task.reason ?? ""),
      ]);
    case "scheduled":
      return "";
    case "queued":
      return "queued";
    default:
      return joined([stateLabel(task.state), oneLine(task.message ?? "")]);
  }
}

/** How far a mapped task is. */
export function copiesText({ total, finished, running, failed }: Copies): string {
  return joined([
    `${finished.toLocaleString("en")}/${total.toLocaleString("en")} done`,
    running === 0 ? "" : `${running.toLocaleString("en")} running`,
    failed === 0 ? "" : `${failed.toLocaleString("en")} failed`,
  ]);
}

function lastedText(start: Instant, end: Instant | undefined, now: Instant): string {
  return end === undefined ? elapsedText(now - start) : formatDuration(end - start);
}

/** A time that goes on while it is shown, in steps that an eye can follow. */
function elapsedText(ms: number): string {
  return formatDuration(Math.floor(ms / 100) * 100);
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}

function footer(progress: RunProgress, { colors }: Pick<Output, "colors">): string {
  const counts = FOOTER_STATES.map((state) => ({ state, count: progress.count(state) }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => paintState(colors, state, `${count.toLocaleString("en")} ${stateLabel(state)}`));
  const done = `${progress.finished.toLocaleString("en")}/${progress.total.toLocaleString("en")} done`;
  const cancelling = progress.state === "cancelling" ? [paintState(colors, "cancelling", "cancelling")] : [];
  return [done, ...counts, ...cancelling].join(colors.dim(" · "));
}

const FOOTER_STATES: readonly TaskRunState[] = [
  "running",
  "queued",
  "retrying",
  "deferred",
  "failed",
  "upstream_failed",
  "skipped",
  "cancelled",
];
