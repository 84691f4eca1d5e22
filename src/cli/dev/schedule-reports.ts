import type { Instant } from "../../core/instant.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { intervalsBetween } from "../../core/schedule/intervals-between.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { ticksOf } from "../../core/schedule/ticks-of.ts";
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
  const nextAt = nextTick(spec, now);
  if (nextAt !== undefined) return { nextAt };
  const rest = UNFORESEEN.get(spec.timing.kind);
  return rest === undefined ? {} : { rest };
}

/** What tells the time of those that no calendar tells. */
const UNFORESEEN: ReadonlyMap<string, string> = new Map([
  ["continuous", "after its run"],
  ["code", "asks its function"],
]);

/** Ticks that a filter may leave out before nobody looks any further. */
const TICKS_MAX = 1_000;

/** The next tick within its bounds that its filters let through. */
function nextTick(spec: ScheduleSpec, now: Instant): Instant | undefined {
  const from = { kind: "instant", at: ticksOf(spec).atOrBefore(now) ?? now } as const;
  let looked = 0;
  for (const { interval, filtered } of intervalsBetween(spec, { from }, "oldest_first")) {
    if (interval.end > now && filtered === undefined) return interval.end;
    looked += 1;
    if (looked >= TICKS_MAX) return undefined;
  }
  return undefined;
}
