import type { Instant } from "../instant.ts";
import { seededFraction } from "../seeded-fraction.ts";
import { timeZone } from "../time-zone.ts";
import { ListedTicks } from "./listed-ticks.ts";
import { planContinuous } from "./plan-continuous.ts";
import { planOnce } from "./plan-once.ts";
import { planWalk } from "./plan-walk.ts";
import { ScheduleBounds } from "./schedule-bounds.ts";
import type { ScheduleState, TickPlan } from "./schedule-state.ts";
import { ticksOf } from "./ticks-of.ts";

/**
 * What becomes of a schedule now (TI-3, TI-4, TI-6): the runs to create, what is left out, how far that decides, and
 * when to look again. Bounded work: where much was missed a plan goes part of the way, and is due again at once.
 *
 * 1. Intervals are decided in the order of time, each once: the next begins where the last decided one ended, so that
 *    a change of the schedule leaves no gap and no overlap.
 * 2. The mark never goes back, whatever the clock does: before it nothing is looked at.
 * 3. A tick that is late by less than the grace time makes a run; older ones follow `catchUp`.
 */
export function planTicks(state: ScheduleState, now: Instant): TickPlan {
  const { spec } = state;
  const zone = timeZone(spec.timezone);
  const bounds = new ScheduleBounds(spec, zone);
  switch (spec.timing.kind) {
    case "once":
      return planOnce(state, { zone, bounds, now, jitterMs: jitterOf(state) });
    case "continuous":
      return planContinuous(state, spec.timing.gapMs, { zone, bounds, now, jitterMs: 0 });
    case "code": {
      const { ticks, isLast } = state.answer ?? { ticks: [] };
      // Its mark is a tick of its own, too, whatever it has said before.
      const known = new ListedTicks(state.mark === undefined ? ticks : [state.mark, ...ticks]);
      const plan = planWalk(state, { zone, bounds, ticks: known, now, jitterMs: jitterOf(state) });
      return plan.rest === "ended" && isLast !== true ? { ...plan, rest: "code" } : plan;
    }
    default:
      return planWalk(state, { zone, bounds, ticks: ticksOf(spec), now, jitterMs: jitterOf(state) });
  }
}

/** Where the next interval of a schedule begins whose ticks are not known yet. */
export function beginOf({ spec, origin, mark }: Pick<ScheduleState, "spec" | "origin" | "mark">): Instant {
  const { start } = new ScheduleBounds(spec, timeZone(spec.timezone));
  const begin = start === undefined ? origin : start - 1;
  return Math.max(mark ?? begin, begin);
}

/** How much later than its ticks a schedule creates its runs: always the same for one, spread over many. */
export function jitterOf({ spec, seed }: Pick<ScheduleState, "spec" | "seed">): number {
  return Math.floor(seededFraction(seed) * (spec.jitterMs ?? 0));
}
