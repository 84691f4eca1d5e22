import type { Advice } from "./advice.ts";
import { type Instant, instantText } from "./instant.ts";
import type { PipelineSpec } from "./manifest.ts";
import { type ComingTick, comingTick } from "./schedule/coming-tick.ts";
import { heldText } from "./schedule/held-tick.ts";
import { ScheduleBounds } from "./schedule/schedule-bounds.ts";
import type { ScheduleBound, ScheduleSpec } from "./schedule/schedule-spec.ts";
import { filterReason } from "./schedule/tick-filter.ts";
import { timingText } from "./schedule/timing-text.ts";
import { timeZone } from "./time-zone.ts";

/** Schedules that are on and make no run, for all of their ticks are held back or lie beyond their end. */
export function scheduleAdvice(
  { name, location, schedules = [] }: Pick<PipelineSpec, "name" | "location" | "schedules">,
  now: Instant,
): readonly Advice[] {
  return schedules.flatMap((schedule) => {
    const fault = schedule.enabled ? faultOf(schedule, name, now) : undefined;
    if (fault === undefined) return [];
    const it = `Schedule "${schedule.name}" of pipeline "${name}" (${timingText(schedule.timing)}, ${schedule.timezone})`;
    return [{ location, message: `${it} makes no run${fault.why}.`, hint: fault.hint }];
  });
}

interface Fault {
  readonly why: string;
  readonly hint: string;
}

function faultOf(schedule: ScheduleSpec, pipeline: string, now: Instant): Fault | undefined {
  const coming = comingOf(schedule, now);
  if (coming?.kind !== "held" && coming?.kind !== "over") return undefined;
  if (coming.held.length === 0) return isWithoutInterval(schedule);
  const span = coming.kind === "held" ? "in the year to come" : "before its end";
  return {
    why: ` ${span}: ${heldText(schedule, coming.held)}`,
    hint: `Change its times, or the windows, blackout dates or calendar that hold them back; \`batuta preview ${pipeline}\` shows what they do.`,
  };
}

/** One that never ends has ticks, whenever they are. */
function isWithoutInterval(schedule: ScheduleSpec): Fault | undefined {
  const { start, end } = schedule;
  if (end === undefined) return undefined;
  const begin = start === undefined || !isMadeUpFor(schedule) ? "now" : `its start, ${boundText(start)},`;
  return {
    why: `: none of its intervals ends between ${begin} and its end, ${boundText(end)}`,
    hint: "Move `end`, or write `enabled: false` when it has had its time.",
  };
}

/** Undefined for what hangs on no calendar: who can tell? */
function comingOf(schedule: ScheduleSpec, now: Instant): ComingTick | undefined {
  const { timing, filter, timezone, end } = schedule;
  switch (timing.kind) {
    case "code":
      return undefined;
    case "once": {
      const at = new ScheduleBounds(schedule, timeZone(timezone)).start;
      const reason = at === undefined ? undefined : filterReason(filter ?? {}, timeZone(timezone), at);
      return at === undefined || reason === undefined ? undefined : { kind: "held", held: [{ tick: at, reason }] };
    }
    case "continuous":
      return comingOf({ ...schedule, timing: { kind: "every", ms: MINUTE_MS } }, now);
    default:
      return comingTick(schedule, end !== undefined && isMadeUpFor(schedule) ? Number.NEGATIVE_INFINITY : now);
  }
}

/** Windows open and close with a minute. */
const MINUTE_MS = 60_000;

/** What lies between its start and its deployment makes runs, too. */
function isMadeUpFor({ start, catchUp }: ScheduleSpec): boolean {
  return start !== undefined && catchUp !== "none";
}

function boundText(bound: ScheduleBound): string {
  return bound.kind === "date" ? bound.date : instantText(bound.at);
}
