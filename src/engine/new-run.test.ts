import { expect, test } from "vitest";
import type { PipelineSpec } from "../core/manifest.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import { seededRandom } from "../ports/random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { newRun, type RunRequest, requestKey } from "./new-run.ts";

const common = { catchUp: "latest", graceMs: 600_000, enabled: true, params: {} } as const;
const DAILY: ScheduleSpec = {
  name: "daily",
  timezone: "Europe/Zurich",
  timing: { kind: "cron", expression: "0 2 * * *" },
  ...common,
};
const HOURLY: ScheduleSpec = { name: "hourly", timezone: "UTC", timing: { kind: "every", ms: 3_600_000 }, ...common };
const NOW = Date.parse("2024-05-05T12:30:00Z");

test("TI-2, TI-5: a manual run works on an interval of the first schedule, or of the one that is named", () => {
  expect(made({})).toMatchObject({
    schedule: "daily",
    timezone: "Europe/Zurich",
    ds: "2024-05-04",
    interval: { start: Date.parse("2024-05-04T00:00:00Z"), end: Date.parse("2024-05-05T00:00:00Z") },
  });
  expect(made({ schedule: "hourly" })).toMatchObject({
    schedule: "hourly",
    timezone: "UTC",
    ds: "2024-05-05",
    interval: { start: Date.parse("2024-05-05T11:00:00Z"), end: Date.parse("2024-05-05T12:00:00Z") },
  });
});

test("TI-9: one of several intervals of a day is named by its start", () => {
  const asked = { schedule: "hourly", interval: "2024-05-01T07:00Z" };
  expect(made(asked).interval.end).toBe(Date.parse("2024-05-01T08:00:00Z"));
  expect(() => made({ schedule: "hourly", date: "2024-05-01" })).toThrow(/Several intervals/);
});

test("a schedule that the pipeline does not have is refused by name", () => {
  expect(() => made({ schedule: "weekly" })).toThrow(
    expect.objectContaining({ code: "not_found", hint: "Schedules of sales: daily, hourly." }),
  );
});

test("what is asked for decides the key of a request, and nothing else does", () => {
  const keys = [{}, { schedule: "hourly" }, { interval: "2024-05-01T07:00Z" }, { date: "2024-05-01" }].map((asked) =>
    requestKey(requestOf(asked)),
  );
  expect(new Set(keys).size).toBe(4);
  expect(requestKey(requestOf({}))).toBe(keys[0]);
});

function made(asked: Partial<RunRequest>) {
  return newRun(requestOf(asked), new VirtualClock(NOW), seededRandom(1));
}

function requestOf(asked: Partial<RunRequest>): RunRequest {
  return {
    project: "p",
    pipeline: PIPELINE,
    versionHash: "v",
    trigger: "manual",
    params: {},
    actor: "tester",
    ...asked,
  };
}

const PIPELINE: PipelineSpec = {
  name: "sales",
  location: { file: "pipelines/sales.ts", line: 1 },
  tags: [],
  timezone: "Europe/Zurich",
  schedules: [DAILY, HOURLY],
  tasks: [],
  graphHash: "g",
};
