import type { PipelineSpec } from "../../../core/manifest.ts";
import type { CatchUp, ScheduleSpec, Timing } from "../../../core/schedule/schedule-spec.ts";
import type { TickFilter } from "../../../core/schedule/tick-filter.ts";
import type { Dice } from "../world/dice.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** When clocks change, and in which zone. */
export interface Transition {
  readonly at: number;
  readonly timezone: string;
}

/** Spring and autumn, by an hour and by half of one, at night and at midnight; and a zone where nothing changes. */
export const TRANSITIONS: readonly Transition[] = [
  { at: Date.UTC(2030, 2, 31, 1), timezone: "Europe/Zurich" },
  { at: Date.UTC(2030, 9, 27, 1), timezone: "Europe/Zurich" },
  { at: Date.UTC(2030, 2, 10, 7), timezone: "America/New_York" },
  { at: Date.UTC(2030, 10, 3, 6), timezone: "America/New_York" },
  { at: Date.UTC(2030, 9, 5, 15, 30), timezone: "Australia/Lord_Howe" },
  { at: Date.UTC(2030, 3, 6, 15), timezone: "Australia/Lord_Howe" },
  { at: Date.UTC(2030, 8, 8, 4), timezone: "America/Santiago" },
  { at: Date.UTC(2030, 5, 15), timezone: "Asia/Kathmandu" },
];

const EXPRESSIONS = [
  "30 2 * * *",
  "0 2,3 * * *",
  "15 0 * * *",
  "30 1 * * *",
  "0 * * * *",
  "*/30 * * * *",
  "0 */6 * * *",
];

/** The schedules of a pipeline: none, one, or two. */
export function drawSchedules(timezone: string, dice: Dice): Pick<PipelineSpec, "schedules"> {
  const count = dice.weighted({ "0": 1, "1": 6, "2": 3 });
  const names = ["main", "other"].slice(0, Number(count));
  if (names.length === 0) return {};
  return { schedules: names.map((name) => drawSchedule(name, timezone, dice.split(name))) };
}

function drawSchedule(name: string, timezone: string, dice: Dice): ScheduleSpec {
  const filter = drawFilter(dice.split("filter"));
  return {
    name,
    timezone: dice.chance(0.8) ? timezone : "UTC",
    timing: drawTiming(dice.split("timing")),
    ...(filter === undefined ? {} : { filter }),
    ...(dice.chance(0.2) ? { jitterMs: dice.span(MINUTE_MS, HOUR_MS) } : {}),
    catchUp: drawCatchUp(dice.split("catch up")),
    graceMs: dice.pick([10 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS]),
    enabled: dice.chance(0.95),
    params: { customer: "acme" },
  };
}

function drawTiming(dice: Dice): Timing {
  switch (dice.weighted({ cron: 6, every: 3, once: 0.5, continuous: 1 })) {
    case "cron":
      return { kind: "cron", expression: dice.pick(EXPRESSIONS) };
    case "every":
      return { kind: "every", ms: dice.pick([45 * MINUTE_MS, 2 * HOUR_MS, DAY_MS]) };
    case "once":
      return { kind: "once" };
    case "continuous":
      return { kind: "continuous", gapMs: dice.pick([HOUR_MS, 3 * HOUR_MS]) };
  }
}

function drawCatchUp(dice: Dice): CatchUp {
  return dice.pick(["latest", "latest", "none", "all", "coalesce", { max: 1 }, { max: 3 }] as const);
}

/** Mostly none; else nights, or days of the week. */
function drawFilter(dice: Dice): TickFilter | undefined {
  if (dice.chance(0.8)) return undefined;
  const hours = dice.pick([
    { fromMinute: 0, toMinute: 720 },
    { fromMinute: 1_320, toMinute: 180 },
  ]);
  return { windows: [dice.chance(0.5) ? hours : { ...hours, days: [0, 2, 4, 6] }] };
}
