import type { PipelineSpec } from "../../../core/manifest.ts";
import { referenceTicks } from "../reference/reference-ticks.ts";
import type { Dice } from "../world/dice.ts";
import type { ActionPlan, BackfillPlan } from "./scenario.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Ranges of days that are over, some of which live runs have worked on, and what a person does meanwhile. */
export function drawBackfills(
  pipelines: readonly PipelineSpec[],
  { beginsAt, chaosMs }: { readonly beginsAt: number; readonly chaosMs: number },
  dice: Dice,
): readonly ActionPlan[] {
  return pipelines.flatMap((pipeline): readonly ActionPlan[] => {
    const own = dice.split(pipeline.name);
    const atMs = own.int(0, Math.round((2 * chaosMs) / 3));
    const plan = own.chance(0.6) ? drawBackfill(pipeline, beginsAt + atMs, own) : undefined;
    if (plan === undefined) return [];
    const name = `backfill-${pipeline.name}`;
    const again: readonly ActionPlan[] = own.chance(0.4)
      ? [
          {
            ...plan,
            kind: "backfill",
            name: `${name}-again`,
            key: name,
            run: "",
            atMs: atMs + own.span(10, 4 * HOUR_MS),
          },
        ]
      : [];
    return [{ ...plan, kind: "backfill", name, key: name, run: "", atMs }, ...again, ...drawActs(name, atMs, own)];
  });
}

/** Both ends are ticks. */
function drawBackfill({ name, schedules = [] }: PipelineSpec, now: number, dice: Dice): BackfillPlan | undefined {
  const schedule = schedules.find(({ timing: { kind } }) => kind === "cron" || kind === "every");
  if (schedule === undefined) return undefined;
  const ticks = referenceTicks(schedule, now - dice.int(1, 4) * DAY_MS, now - HOUR_MS);
  const [start, end] = [ticks[0], ticks.at(-1)];
  if (start === undefined || end === undefined || start === end) return undefined;
  return {
    pipeline: name,
    schedule,
    range: { start, end },
    intervals: ticks.length - 1,
    reprocess: dice.pick(["missing", "failed", "all"] as const),
    order: dice.pick(["oldest_first", "newest_first"] as const),
    maxActive: dice.int(1, 4),
  };
}

/** What is paused goes on in the end. */
function drawActs(of: string, atMs: number, dice: Dice): readonly ActionPlan[] {
  const act = (action: "pause" | "resume" | "cancel" | "retry", afterMs: number): ActionPlan => {
    return { kind: "backfill_act", name: `${action}-${of}-${afterMs}`, run: "", of, action, atMs: atMs + afterMs };
  };
  const pause = dice.span(10, 2 * HOUR_MS);
  return [
    ...(dice.chance(0.3) ? [act("pause", pause), act("resume", pause + dice.span(HOUR_MS, 5 * HOUR_MS))] : []),
    ...(dice.chance(0.15) ? [act("cancel", dice.span(10, 5 * HOUR_MS))] : []),
    ...(dice.chance(0.4) ? [act("retry", dice.span(HOUR_MS, DAY_MS))] : []),
  ];
}
