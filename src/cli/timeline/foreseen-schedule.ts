import type { Instant } from "../../core/instant.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { ticksOf } from "../../core/schedule/ticks-of.ts";
import type { ScheduleRecord } from "../../store/schedule-store.ts";

/** Why nothing is foreseen of a schedule. */
export type Unforeseen = "off" | "ended" | "fault" | "code" | "too_many";

/** Where a schedule stands: how far it has been decided, or when it was deployed. */
export type SchedulePlace = Pick<ScheduleRecord, "spec" | "origin" | "mark" | "rest" | "fault">;

/**
 * A schedule as one that is deployed now, and that makes the very runs which the real one will make: it begins where the
 * real one has been decided.
 */
export function foreseenSchedule(place: SchedulePlace): ScheduleSpec | Unforeseen {
  const { spec, rest, fault, mark, origin } = place;
  if (fault !== undefined) return "fault";
  if (!spec.enabled || rest === "off") return "off";
  if (rest === "ended") return "ended";
  if (spec.timing.kind === "code") return "code";
  if (spec.timing.kind === "once") {
    if (mark !== undefined) return "ended";
    return { ...spec, start: spec.start ?? { kind: "instant", at: origin } };
  }
  if (mark === undefined && spec.start !== undefined) return spec;
  return { ...spec, start: { kind: "instant", at: stepAt(spec, mark ?? origin) } };
}

/** The first run after a change of the schedule works on part of a step; the whole step fires at the same time. */
function stepAt(spec: ScheduleSpec, instant: Instant): Instant {
  return ticksOf(spec).atOrBefore(instant) ?? instant;
}
