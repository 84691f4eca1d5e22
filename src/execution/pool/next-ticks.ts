import type { Instant } from "../../core/instant.ts";
import { BatutaError } from "../../core/problem.ts";
import type { TickAnswer } from "../../core/schedule/schedule-state.ts";

/** What the function of a schedule is asked: its ticks after a moment, up to the first one after another. */
export interface TicksQuestion {
  readonly schedule: string;
  readonly after: Instant;
  readonly until: Instant;
}

/** Ticks of one answer: after a long outage the rest is asked for when these have been decided. */
const TICKS_MAX = 1_000;

/** Asks a user's function for tick after tick. Throws what it throws, and `invalid_definition` for what is no next tick. */
export async function nextTicks(
  nextTick: ((after: Date) => Date | undefined) | undefined,
  { schedule, after, until }: TicksQuestion,
): Promise<TickAnswer> {
  if (nextTick === undefined) {
    throw new BatutaError("internal", `The pipeline has no function for its schedule "${schedule}".`);
  }
  const ticks: Instant[] = [];
  for (let last = after; last <= until && ticks.length < TICKS_MAX; ) {
    const next: unknown = await nextTick(new Date(last));
    if (next === undefined || next === null) return { ticks, isLast: true };
    last = checked(next, last, schedule);
    ticks.push(last);
  }
  return { ticks };
}

function checked(next: unknown, last: Instant, schedule: string): Instant {
  const hint = "Return a Date after the one that was given, or undefined when there is none.";
  if (!(next instanceof Date) || Number.isNaN(next.getTime())) {
    throw new BatutaError("invalid_definition", `The function of schedule "${schedule}" returned no date.`, { hint });
  }
  if (next.getTime() > last) return next.getTime();
  const [given, got] = [new Date(last).toISOString(), next.toISOString()];
  throw new BatutaError("invalid_definition", `After ${given} the function of schedule "${schedule}" gave ${got}.`, {
    hint,
  });
}
