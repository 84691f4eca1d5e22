import type { Instant } from "../../core/instant.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { ticksOf } from "../../core/schedule/ticks-of.ts";

/** Attempts that are run ahead of time: so many take some seconds. */
const ATTEMPTS_MAX = 10_000;

export interface CountedSchedule {
  readonly pipeline: string;
  readonly spec: ScheduleSpec;
  /** Attempts of one run. */
  readonly tasks: number;
  /** What one run takes at least. */
  readonly runMs: number;
}

export interface FoldedSchedule {
  readonly pipeline: string;
  readonly schedule: string;
  /** Runs that it makes in that time, about. */
  readonly runs: number;
}

/** Schedules that make too many runs to be run ahead of time all together: the busiest are left out until the rest fits. */
export function foldSchedules(
  schedules: readonly CountedSchedule[],
  { from, to }: { readonly from: Instant; readonly to: Instant },
  attemptsMax = ATTEMPTS_MAX,
): readonly FoldedSchedule[] {
  const counted = schedules
    .map((schedule) => ({ ...schedule, runs: runsOf(schedule, from, to) }))
    .sort((one, other) => other.runs * other.tasks - one.runs * one.tasks);
  let attempts = counted.reduce((sum, { runs, tasks }) => sum + runs * tasks, 0);
  const folded: FoldedSchedule[] = [];
  for (const { pipeline, spec, runs, tasks } of counted) {
    if (attempts <= attemptsMax) break;
    attempts -= runs * tasks;
    folded.push({ pipeline, schedule: spec.name, runs });
  }
  return folded;
}

function runsOf({ spec, runMs }: CountedSchedule, from: Instant, to: Instant): number {
  const { timing } = spec;
  if (timing.kind === "once") return 1;
  if (timing.kind === "continuous") return Math.ceil((to - from) / Math.max(timing.gapMs, runMs, SHORTEST_RUN_MS));
  if (timing.kind === "every") return Math.ceil((to - from) / timing.ms);
  const ticks = ticksOf(spec);
  let runs = 0;
  for (let tick = ticks.after(from); tick !== undefined && tick <= to; tick = ticks.after(tick)) runs += 1;
  return runs;
}

const SHORTEST_RUN_MS = 1_000;
