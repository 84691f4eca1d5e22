import type { Instant } from "../instant.ts";
import { isFinished, isRunFinished, type RunState, type TaskRunState } from "../state.ts";
import type { DeadlineSpec } from "./deadline-spec.ts";
import { OF_RUN } from "./plan-deadlines.ts";

/** A deadline that is looked at, with what it is for. */
export interface DeadlineQuestion {
  readonly spec: DeadlineSpec;
  /** Index of its task, or `OF_RUN`. */
  readonly task: number;
  /** When it began, for the first time or anew. */
  readonly since: Instant;
  readonly allowedMs?: number;
  /** When it was to be looked at; for one of the clock or the calendar the moment itself. */
  readonly dueAt: Instant;
  readonly run: { readonly state: RunState; readonly startedAt: Instant | null };
  /** Of its task; a mapped one has several. */
  readonly taskRuns: readonly { readonly state: TaskRunState; readonly startedAt: Instant | null }[];
  readonly now: Instant;
}

export type DeadlineVerdict =
  /** It has ended: nothing is late any more. */
  | { readonly kind: "over" }
  /** It can be missed at this moment at the earliest. */
  | { readonly kind: "wait"; readonly until: Instant }
  | { readonly kind: "missed"; readonly dueAt: Instant };

/**
 * What becomes of a deadline at the moment at which it was to be looked at. Time that counts from a start which has not
 * come yet is looked at again when it could be over if the start came now: so no start need know of deadlines.
 */
export function judgeDeadline(question: DeadlineQuestion): DeadlineVerdict {
  const { task, run, taskRuns, now, allowedMs } = question;
  const hasEnded = isRunFinished(run.state) || (task !== OF_RUN && taskRuns.every(({ state }) => isFinished(state)));
  if (hasEnded) return { kind: "over" };
  if (allowedMs === undefined) return lateFrom(question.dueAt, now);
  const start = startOf(question);
  return start === undefined ? { kind: "wait", until: now + allowedMs } : lateFrom(start + allowedMs, now);
}

function lateFrom(dueAt: Instant, now: Instant): DeadlineVerdict {
  return dueAt <= now ? { kind: "missed", dueAt } : { kind: "wait", until: dueAt };
}

/** From when its time counts; undefined = not yet. */
function startOf({ spec, task, since, run, taskRuns }: DeadlineQuestion): Instant | undefined {
  if (spec.kind === "within" && task === OF_RUN) return since;
  const isOfTask = spec.kind === "slower_than" && task !== OF_RUN;
  const starts = isOfTask ? taskRuns.map(({ startedAt }) => startedAt) : [run.startedAt];
  const known = starts.filter((start) => start !== null);
  return known.length === 0 ? undefined : Math.max(Math.min(...known), since);
}
