import { ENDED, type Planning, passes } from "./planning.ts";
import type { ScheduleState, TickPlan } from "./schedule-state.ts";

/**
 * One run after the other, each over what has come since the last one began: [last end, now) (TI-1). The next waits for
 * the end of the last, and begins `gapMs` after it at the earliest. After a downtime that makes one run over all of it.
 */
export function planContinuous(state: ScheduleState, gapMs: number, planning: Planning): TickPlan {
  const { spec, origin, mark, lastRun } = state;
  const { zone, bounds, now } = planning;
  const begin = bounds.start ?? origin;
  const from = Math.max(mark ?? begin, begin);
  if (bounds.end !== undefined && from >= bounds.end) return ENDED;
  if (lastRun !== undefined && lastRun.endedAt === undefined) return { runs: [], gaps: [], rest: "run" };
  const sinceLast = lastRun === undefined ? from + gapMs : Math.max(lastRun.createdAt + gapMs, lastRun.endedAt ?? now);
  const dueAt = Math.max(sinceLast, from + 1);
  if (now < dueAt) return { runs: [], gaps: [], nextAt: dueAt };
  if (!passes(spec, zone, now)) return { runs: [], gaps: [], nextAt: nextMinute(now) };
  const end = Math.min(now, bounds.end ?? now);
  if (spec.catchUp === "none" && now - dueAt >= spec.graceMs) {
    const gap = { reason: "missed", from, to: end, ticks: 1 } as const;
    return { runs: [], gaps: [gap], mark: end, nextAt: now + Math.max(gapMs, 1) };
  }
  return { runs: [{ interval: { start: from, end } }], gaps: [], mark: end, rest: "run" };
}

/** Windows open and close with a minute. */
function nextMinute(now: number): number {
  return (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
}

const MINUTE_MS = 60_000;
