import type { Instant } from "../../core/instant.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { comingTick } from "../../core/schedule/coming-tick.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { timingText } from "../../core/schedule/timing-text.ts";
import type { ScheduleRecord } from "../../store/schedule-store.ts";
import type { ScheduleReport, SetAsideReport } from "./dev-report.ts";

/** When pipelines run by themselves next, the soonest first. */
export function scheduleReports(
  pipelines: Iterable<PipelineSpec>,
  paused: ReadonlySet<string>,
  now: Instant,
): readonly ScheduleReport[] {
  const reports = [...pipelines].flatMap(({ name, schedules = [] }) =>
    schedules.map((spec) => ({ ...nameOf(name, spec), ...nextOf(spec, paused.has(name), now) })),
  );
  return reports.sort((one, other) => (one.nextAt ?? LAST) - (other.nextAt ?? LAST));
}

/** A schedule that was set aside before anybody listened, unless what is deployed now has yet to be tried. */
export function setAsideBefore(record: ScheduleRecord, at: Instant): readonly SetAsideReport[] {
  const { pipeline, name: schedule, fault, nextAt = at } = record;
  if (fault === undefined || fault.times === 0) return [];
  const { since: _, times: __, ...what } = fault;
  return [{ kind: "schedule_set_aside", at, pipeline, schedule, ...what, againAt: nextAt }];
}

const LAST = Number.MAX_SAFE_INTEGER;

function nameOf(pipeline: string, { name, timing, timezone }: ScheduleSpec) {
  return { pipeline, schedule: name, timing: timingText(timing), timezone };
}

function nextOf(spec: ScheduleSpec, isPaused: boolean, now: Instant): Pick<ScheduleReport, "nextAt" | "rest"> {
  if (!spec.enabled) return { rest: "off" };
  if (isPaused) return { rest: "paused" };
  const coming = comingTick(spec, now);
  if (coming.kind === "tick") return { nextAt: coming.at };
  const rest = UNFORESEEN.get(spec.timing.kind);
  if (rest !== undefined) return { rest };
  return coming.kind === "unknown" ? {} : { rest: "no run to come: see batuta check" };
}

/** What tells the time of those that no calendar tells. */
const UNFORESEEN: ReadonlyMap<string, string> = new Map([
  ["continuous", "after its run"],
  ["code", "asks its function"],
]);
