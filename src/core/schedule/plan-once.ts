import { ENDED, type Planning, passes } from "./planning.ts";
import type { ScheduleState, TickPlan } from "./schedule-state.ts";

/** One run at its start, or when it is deployed (TI-1). */
export function planOnce({ spec, origin, mark }: ScheduleState, planning: Planning): TickPlan {
  const { zone, bounds, now, jitterMs } = planning;
  const at = bounds.start ?? origin;
  const interval = { start: at, end: at };
  if ((mark !== undefined && mark >= at) || bounds.isBeyond(interval)) return ENDED;
  const lateMs = now - jitterMs - at;
  if (lateMs < 0) return { runs: [], gaps: [], nextAt: at + jitterMs };
  const isMissed = spec.catchUp === "none" && lateMs >= spec.graceMs;
  const reason = passes(spec, zone, at) ? "missed" : "calendar";
  if (isMissed || reason === "calendar") return { ...ENDED, gaps: [{ reason, from: at, to: at, ticks: 1 }], mark: at };
  return { ...ENDED, runs: [{ interval }], mark: at };
}
