import type { Instant } from "../instant.ts";
import { timeZone } from "../time-zone.ts";
import { jitterOf } from "./plan-ticks.ts";
import { passes } from "./planning.ts";
import type { ScheduleState } from "./schedule-state.ts";
import { ticksOf } from "./ticks-of.ts";

/** Filters leave out more ticks in a row than this hardly ever: then the next look is told, which is sooner. */
const STEPS_MAX = 20_000;

/** When a schedule creates its next run, by the time at which it is looked at next: that may be a tick without a run. */
export function nextFire(state: Pick<ScheduleState, "spec" | "seed">, nextAt: Instant): Instant {
  const { spec } = state;
  if (spec.filter === undefined || (spec.timing.kind !== "cron" && spec.timing.kind !== "every")) return nextAt;
  const zone = timeZone(spec.timezone);
  const ticks = ticksOf(spec);
  const jitterMs = jitterOf(state);
  let tick: Instant | undefined = nextAt - jitterMs;
  for (let steps = 0; steps < STEPS_MAX && tick !== undefined; steps++) {
    if (passes(spec, zone, tick)) return tick + jitterMs;
    tick = ticks.after(tick);
  }
  return nextAt;
}
