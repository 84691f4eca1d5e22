import { expect, test } from "vitest";
import { type CountedSchedule, foldSchedules } from "./fold-schedules.ts";

const DAY = { from: Date.parse("2026-01-01T00:00Z"), to: Date.parse("2026-01-02T00:00Z") };

test("the busiest schedules are left out until the rest fits, and it is said how often they fire", () => {
  const schedules = [
    counted("daily", { kind: "cron", expression: "0 6 * * *" }, 100),
    counted("minutely", { kind: "cron", expression: "* * * * *" }, 3),
    counted("quick", { kind: "every", ms: 10_000 }, 1),
    counted("stream", { kind: "continuous", gapMs: 0 }, 2),
  ];
  expect(foldSchedules(schedules, DAY, 200_000)).toEqual([]);
  expect(foldSchedules(schedules, DAY, 13_100)).toEqual([{ pipeline: "stream", schedule: "main", runs: 17_280 }]);
  expect(foldSchedules(schedules, DAY, 5_000)).toEqual([
    { pipeline: "stream", schedule: "main", runs: 17_280 },
    { pipeline: "quick", schedule: "main", runs: 8_640 },
  ]);
});

function counted(pipeline: string, timing: CountedSchedule["spec"]["timing"], tasks: number): CountedSchedule {
  const spec = {
    name: "main",
    timezone: "UTC",
    timing,
    catchUp: "latest",
    graceMs: 0,
    enabled: true,
    params: {},
  } as const;
  return { pipeline, spec, tasks, runMs: 5_000 };
}
