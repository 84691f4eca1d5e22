import type { ComingRun } from "../../core/schedule/coming-runs.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import type { Change, PlannedPipeline, PlannedSchedule } from "../planned-changes.ts";
import { formatInstant } from "./instant-text.ts";
import { intervalText } from "./interval-text.ts";
import type { Output } from "./output.ts";
import { scheduleSummary } from "./schedule-text.ts";

const SIGNS: Readonly<Record<Change, string>> = { added: "+", changed: "~", removed: "-", same: " " };

/** What changes, a pipeline a block, with the next runs of its schedules before and after; undefined = nothing. */
export function planText(
  pipelines: readonly PlannedPipeline[],
  { colors }: Pick<Output, "colors">,
): string | undefined {
  const blocks = pipelines.filter(isOfInterest).map(({ name, change, schedules }) => {
    const told = change === "same" ? "" : `  ${change}`;
    const title = `${SIGNS[change]} ${colors.bold(name)}${told}`;
    return [title, ...schedules.flatMap(scheduleLines)].join("\n");
  });
  return blocks.length === 0 ? undefined : blocks.join("\n\n");
}

function isOfInterest({ change, schedules }: PlannedPipeline): boolean {
  return change !== "same" || schedules.some((schedule) => schedule.change !== "same");
}

function scheduleLines({ change, before, after, runsBefore, runsAfter }: PlannedSchedule): readonly string[] {
  const line = (spec: ScheduleSpec, runs: readonly ComingRun[]): readonly string[] => [
    `    ${scheduleSummary(spec)}`,
    ...runs.map(runLine),
  ];
  const next = (spec: ScheduleSpec | undefined, runs: readonly ComingRun[], when: string): readonly string[] =>
    spec === undefined ? [] : [`  ${when}`, ...line(spec, runs)];
  if (change === "same") return next(after, runsAfter, "schedule, as it was");
  return [...next(before, runsBefore, "schedule before"), ...next(after, runsAfter, "schedule after")];
}

function runLine({ at, interval, isPartial }: ComingRun): string {
  const partial = isPartial === true ? "  partial: what is left of the interval before the change" : "";
  return `      ${formatInstant(at)}  for ${intervalText(interval)}${partial}`;
}
