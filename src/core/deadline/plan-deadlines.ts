import type { DataInterval, Instant } from "../instant.ts";
import type { PipelineSpec } from "../manifest.ts";
import { comingTick } from "../schedule/coming-tick.ts";
import { clockDeadlineAt } from "./clock-deadline.ts";
import type { DeadlineSpec } from "./deadline-spec.ts";

/** In place of a task's index: the deadline is that of the whole run. */
export const OF_RUN = -1;

/** Names a deadline of a pipeline. */
export interface DeadlinePlace {
  /** Index of the task, or `OF_RUN`. */
  readonly task: number;
  /** Place in the list of its deadlines. */
  readonly place: number;
}

/** A deadline as it is kept for a run. */
export interface PlannedDeadline extends DeadlinePlace {
  /** Absent for a moment that the clock or the calendar gives. */
  readonly allowedMs?: number;
  /** The moment itself, or the first at which it can be missed. */
  readonly dueAt: Instant;
}

export interface DeadlineFacts {
  readonly createdAt: Instant;
  readonly interval: DataInterval;
  readonly timezone: string;
  readonly trigger: string;
  /** Name of its schedule. */
  readonly schedule?: string | undefined;
  /** What 95 of 100 of the last successful ones took; undefined where too few are known. */
  usualMs(of: DeadlinePlace): number | undefined;
}

/** All deadlines of a pipeline, with their places. */
export function deadlinesOf({ deadlines = [], tasks }: Pick<PipelineSpec, "deadlines" | "tasks">): readonly Placed[] {
  const ofTasks = tasks.flatMap(({ deadlines: own = [] }, task) => own.map((spec, place) => ({ spec, task, place })));
  return [...deadlines.map((spec, place) => ({ spec, task: OF_RUN, place })), ...ofTasks];
}

export interface Placed extends DeadlinePlace {
  readonly spec: DeadlineSpec;
}

/**
 * The deadlines of a new run. One of the clock or the calendar that is over already counts for runs of a schedule alone:
 * they are late. A backfill of last year, or a run by hand, could keep none.
 */
export function planDeadlines(pipeline: PipelineSpec, facts: DeadlineFacts): readonly PlannedDeadline[] {
  return deadlinesOf(pipeline).flatMap((placed) => planned(placed, pipeline, facts) ?? []);
}

function planned({ spec, task, place }: Placed, pipeline: PipelineSpec, facts: DeadlineFacts) {
  switch (spec.kind) {
    case "within":
      return allowed({ task, place }, spec.ms, facts);
    case "slower_than": {
      const usualMs = facts.usualMs({ task, place });
      return usualMs === undefined ? undefined : allowed({ task, place }, Math.ceil(usualMs * spec.factor), facts);
    }
    case "by":
      return atMoment({ task, place }, clockDeadlineAt(spec, facts.interval.end, facts.timezone), facts);
    case "before_next": {
      const schedule = pipeline.schedules?.find(({ name }) => name === facts.schedule);
      const next = schedule === undefined ? undefined : comingTick(schedule, facts.interval.end);
      return next?.kind === "tick" ? atMoment({ task, place }, next.at, facts) : undefined;
    }
  }
}

function allowed(at: DeadlinePlace, allowedMs: number, { createdAt }: DeadlineFacts): PlannedDeadline {
  return { ...at, allowedMs, dueAt: createdAt + allowedMs };
}

function atMoment(at: DeadlinePlace, dueAt: Instant, { createdAt, trigger }: DeadlineFacts) {
  return dueAt > createdAt || trigger === "schedule" ? { ...at, dueAt } : undefined;
}
