import type { Instant } from "../instant.ts";
import type { PipelineSpec } from "../manifest.ts";
import { cronTicks } from "../schedule/cron-ticks.ts";
import type { Ticks } from "../schedule/ticks.ts";
import { type ClockDeadline, deadlineText } from "./deadline-spec.ts";

/** Every day at this time of day an asset must have been made since the day before. */
export interface AssetDeadline {
  readonly minute: number;
  readonly timezone: string;
}

/** What assets of these pipelines have for deadlines, by key; of several the first one counts. */
export function assetDeadlinesOf(pipelines: readonly PipelineSpec[]): ReadonlyMap<string, AssetDeadline> {
  const found = new Map<string, AssetDeadline>();
  for (const { tasks, timezone } of pipelines) {
    for (const { key, deadline } of tasks.flatMap(({ outputs }) => outputs)) {
      if (deadline !== undefined && !found.has(key)) found.set(key, inZone(deadline, timezone));
    }
  }
  return found;
}

function inZone({ minute, timezone }: ClockDeadline, zoneOfPipeline: string): AssetDeadline {
  return { minute, timezone: timezone ?? zoneOfPipeline };
}

/** The first moment at which a miss can be told: the day before it has been watched from its beginning. */
export function firstMoment(deadline: AssetDeadline, now: Instant): Instant {
  const ticks = momentsOf(deadline);
  return ticks.after(ticks.after(now) ?? now) ?? Number.POSITIVE_INFINITY;
}

export interface AssetVerdict {
  /** When to look again. */
  readonly nextAt: Instant;
  /** The moment that was missed, when it was. */
  readonly missed?: Instant;
}

/** Of several moments that have come, while nobody looked, only the last one matters: what was made since is not late. */
export function judgeAsset(deadline: AssetDeadline, madeAt: Instant | undefined, now: Instant): AssetVerdict {
  const ticks = momentsOf(deadline);
  const nextAt = ticks.after(now) ?? Number.POSITIVE_INFINITY;
  const last = ticks.atOrBefore(now);
  const before = last === undefined ? undefined : ticks.before(last);
  if (last === undefined || before === undefined) return { nextAt };
  return madeAt !== undefined && madeAt >= before ? { nextAt } : { nextAt, missed: last };
}

/** `by 08:00 (Europe/Berlin)` */
export function assetDeadlineText({ minute, timezone }: AssetDeadline): string {
  return deadlineText({ kind: "by", minute, timezone, day: 0 });
}

function momentsOf({ minute, timezone }: AssetDeadline): Ticks {
  return cronTicks({ expression: `${minute % 60} ${Math.floor(minute / 60)} * * *`, timezone });
}
