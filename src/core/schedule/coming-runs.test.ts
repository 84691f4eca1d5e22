import { expect, test } from "vitest";
import { comingRuns } from "./coming-runs.ts";
import type { ScheduleSpec, Timing } from "./schedule-spec.ts";

const NOW = Date.parse("2024-05-05T12:00Z");

test("TI-6: after an edit the first run is over what was left of the old interval, and so is told beforehand", () => {
  const mark = Date.parse("2024-05-05T06:00Z");
  const { origin, seed } = { origin: 0, seed: "shop/daily/main" };
  const spec = schedule({ kind: "cron", expression: "0 18 * * *" });
  expect(comingRuns({ spec, seed, origin, mark }, NOW, 2).map(shown)).toEqual([
    "2024-05-05T18:00 for 2024-05-05T06:00/2024-05-05T18:00 partial",
    "2024-05-06T18:00 for 2024-05-05T18:00/2024-05-06T18:00",
  ]);
});

test("what is off, and what waits for its own runs, has none that could be told", () => {
  const every = { kind: "every", ms: 3_600_000 } as const;
  const of = (spec: ScheduleSpec) => comingRuns({ spec, seed: "x", origin: NOW }, NOW, 3);
  expect(of(schedule(every))).toHaveLength(3);
  expect(of({ ...schedule(every), enabled: false })).toEqual([]);
  expect(of(schedule({ kind: "continuous", gapMs: 1_000 }))).toEqual([]);
  expect(of(schedule({ kind: "once" }))).toHaveLength(1);
});

function schedule(timing: Timing): ScheduleSpec {
  return { name: "main", timezone: "UTC", timing, catchUp: "latest", graceMs: 600_000, enabled: true, params: {} };
}

function shown({ at, interval, isPartial }: ReturnType<typeof comingRuns>[number]): string {
  const text = (instant: number): string => new Date(instant).toISOString().slice(0, 16);
  return `${text(at)} for ${text(interval.start)}/${text(interval.end)}${isPartial === true ? " partial" : ""}`;
}
