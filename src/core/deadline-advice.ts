import type { Advice } from "./advice.ts";
import { clockDeadlineAt } from "./deadline/clock-deadline.ts";
import { type ClockDeadline, type DeadlineSpec, deadlineText } from "./deadline/deadline-spec.ts";
import { formatDuration } from "./duration.ts";
import type { Instant } from "./instant.ts";
import type { PipelineSpec } from "./manifest.ts";
import type { ScheduleSpec } from "./schedule/schedule-spec.ts";
import { ticksOf } from "./schedule/ticks-of.ts";

/** Deadlines that no run can keep, and those that none can miss. */
export function deadlineAdvice(pipeline: PipelineSpec): readonly Advice[] {
  const { name, location, deadlines = [], tasks } = pipeline;
  return [
    ...deadlines.flatMap((spec) => adviceOf(spec, pipeline, { what: `pipeline "${name}"`, location })),
    ...tasks.flatMap((task) =>
      (task.deadlines ?? []).flatMap((spec) =>
        adviceOf(spec, pipeline, { what: `task "${task.name}"`, location: task.location }),
      ),
    ),
  ];
}

interface Owner extends Pick<Advice, "location"> {
  readonly what: string;
}

function adviceOf(spec: DeadlineSpec, pipeline: PipelineSpec, owner: Owner): readonly Advice[] {
  if (spec.kind === "within") return neverMissed(spec.ms, pipeline, owner);
  return spec.kind === "by" ? neverKept(spec, pipeline, owner) : [];
}

function neverMissed(ms: number, { runTimeoutMs }: PipelineSpec, { what, location }: Owner): readonly Advice[] {
  if (runTimeoutMs === undefined || ms < runTimeoutMs) return [];
  const message = `The deadline of ${what}, within ${formatDuration(ms)}, cannot be missed: a run is stopped after its time-out of ${formatDuration(runTimeoutMs)}.`;
  return [
    { location, message, hint: "Make the deadline shorter than `runTimeout`, and somebody can still act on it." },
  ];
}

function neverKept(spec: ClockDeadline, pipeline: PipelineSpec, { what, location }: Owner): readonly Advice[] {
  const { schedules = [], timezone } = pipeline;
  return schedules.flatMap((schedule) => {
    const ends = someTicks(schedule);
    const isKept = ends.some((end) => end + (schedule.jitterMs ?? 0) < clockDeadlineAt(spec, end, timezone));
    if (ends.length === 0 || isKept) return [];
    const message = `The deadline of ${what}, ${deadlineText(spec)}, can never be kept: that time is over when an interval of its schedule "${schedule.name}" ends.`;
    return [
      { location, message, hint: `If the day after is meant, write by("${clock(spec)}", { day: ${spec.day + 1} }).` },
    ];
  });
}

/** Any year will do: what is written must hang on nothing but the project. */
function someTicks(schedule: ScheduleSpec): readonly Instant[] {
  const ticks = ticksOf(schedule);
  const found: Instant[] = [];
  let tick = ticks.after(START);
  while (tick !== undefined && found.length < TICKS_MAX) {
    found.push(tick);
    tick = ticks.after(tick);
  }
  return found;
}

const START = Date.UTC(2024, 0, 1);
/** A day of a schedule by the half minute. */
const TICKS_MAX = 3_000;

function clock({ minute }: ClockDeadline): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
