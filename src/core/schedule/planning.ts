import type { Instant } from "../instant.ts";
import type { TimeZone } from "../time-zone.ts";
import type { ScheduleBounds } from "./schedule-bounds.ts";
import type { ScheduleSpec } from "./schedule-spec.ts";
import type { TickPlan } from "./schedule-state.ts";
import { filterReason } from "./tick-filter.ts";

/** What the ways of planning have in common. */
export interface Planning {
  readonly zone: TimeZone;
  readonly bounds: ScheduleBounds;
  readonly now: Instant;
  /** How much later than its ticks this schedule creates its runs. */
  readonly jitterMs: number;
}

/** Nothing is to come. */
export const ENDED: TickPlan = { runs: [], gaps: [], rest: "ended" };

/** Whether its filters let a tick through (TI-8). */
export function passes({ filter }: Pick<ScheduleSpec, "filter">, zone: TimeZone, tick: Instant): boolean {
  return filter === undefined || filterReason(filter, zone, tick) === undefined;
}
