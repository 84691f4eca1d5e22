import type { Instant } from "../instant.ts";
import { type ComingTick, comingTick } from "./coming-tick.ts";
import { jitterOf } from "./plan-ticks.ts";
import type { ScheduleState } from "./schedule-state.ts";

/** When a schedule creates its next run, by the time at which it is looked at next: that may be a tick without a run. */
export function nextFire(state: Pick<ScheduleState, "spec" | "seed">, nextAt: Instant): ComingTick {
  const { spec } = state;
  if (spec.filter === undefined || HELD_BY_NO_TICK.has(spec.timing.kind)) return { kind: "tick", at: nextAt };
  const jitterMs = jitterOf(state);
  const coming = comingTick(spec, nextAt - jitterMs - 1);
  return coming.kind === "tick" ? { kind: "tick", at: coming.at + jitterMs } : coming;
}

/** Those that hang on no calendar: nobody knows whether their ticks are held back before they come. */
const HELD_BY_NO_TICK: ReadonlySet<string> = new Set(["once", "continuous", "code"]);
