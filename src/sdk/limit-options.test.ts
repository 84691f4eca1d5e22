import { expect, test } from "vitest";
import { define, errorOf, taskOf } from "./definition-for-tests.ts";
import { type LimitOptions, pipeline } from "./index.ts";

function limitsOf(options: LimitOptions) {
  const { pools, tags, concurrency, keyed, rateLimit } = taskOf(
    define(({ task }) => void task("a", options, () => 1)),
    "a",
  );
  return { pools, tags, concurrency, keyed, rateLimit };
}

test("CC-1: a task says which pools it takes slots of, in whatever form, and in one order", () => {
  expect(limitsOf({ pool: "warehouse" }).pools).toEqual([{ name: "warehouse", slots: 1 }]);
  expect(limitsOf({ pool: ["warehouse", { name: "api", slots: 2 }] }).pools).toEqual([
    { name: "api", slots: 2 },
    { name: "warehouse", slots: 1 },
  ]);
});

test("CC-1: tags, concurrency of a task or for each value of a parameter, and rates are data", () => {
  expect(limitsOf({ tags: ["heavy", "db", "heavy"], concurrency: 3 })).toMatchObject({
    tags: ["db", "heavy"],
    concurrency: 3,
  });
  expect(limitsOf({ concurrency: { key: "params.customer" } }).keyed).toEqual({
    key: "params.customer",
    limit: 1,
    overflow: "queue",
  });
  expect(limitsOf({ concurrency: { key: "params.a.b", limit: 2, overflow: "skip" } }).keyed).toEqual({
    key: "params.a.b",
    limit: 2,
    overflow: "skip",
  });
  expect(limitsOf({ rateLimit: { limit: 60, per: "1m" } }).rateLimit).toEqual({ limit: 60, perMs: 60_000 });
});

test("CC-1: a pipeline says how many runs and tasks of it there may be", () => {
  const { spec } = pipeline(
    "p",
    { maxRuns: 2, concurrency: 8, runConcurrency: 4 },
    ({ task }) => void task("a", () => 1),
  );
  expect(spec).toMatchObject({ maxRuns: 2, concurrency: 8, runConcurrency: 4 });
});

test("CC-3: a priority may be the longest way, of a task or of all tasks of a pipeline", () => {
  const { spec } = pipeline("p", { priority: "critical_path" }, ({ task }) => {
    task("a", () => 1);
    task("b", { priority: 5 }, () => 1);
  });
  expect(spec.tasks.map(({ priority, priorityBy }) => [priority, priorityBy])).toEqual([
    [0, "critical_path"],
    [5, undefined],
  ]);
});

test.each<[string, object, RegExp]>([
  ["an unknown priority", { priority: "highest" }, /`priority` of task "a" is "highest"/],
  ["slots below one", { pool: { name: "db", slots: 0 } }, /`slots` in `pool` of task "a" is 0/],
  ["slots that are no number", { pool: { name: "db", slots: "2" } }, /`slots` in `pool` of task "a" is "2"/],
  ["a pool twice", { pool: ["db", "db"] }, /names "db" twice/],
  ["a pool without a name", { pool: "" }, /`pool` of task "a" is ""/],
  ["an unknown part of a pool", { pool: { name: "db", weight: 2 } }, /Unknown option `weight`/],
  ["concurrency below zero", { concurrency: -1 }, /`concurrency` of task "a" is -1/],
  ["concurrency that is no number", { concurrency: Number.NaN }, /`concurrency` of task "a" is NaN/],
  ["a limit of a key below one", { concurrency: { key: "params.x", limit: -2 } }, /`limit` in `concurrency`/],
  [
    "a key that is no parameter",
    { concurrency: { key: "customer" } },
    /`key` in `concurrency` of task "a" is "customer"/,
  ],
  ["a key that is code", { concurrency: { key: () => "x" } }, /`key` in `concurrency` of task "a" is a function/],
  ["an unknown overflow", { concurrency: { key: "params.x", overflow: "drop" } }, /`overflow` in .* is "drop"/],
  ["a rate below one", { rateLimit: { limit: 0, per: "1m" } }, /`limit` in `rateLimit`/],
  ["a rate without a window", { rateLimit: { limit: 1 } }, /`per` in `rateLimit`/],
  ["hours that are no object", { runOnlyBetween: "22-06" }, /`runOnlyBetween` of task "a" is "22-06"/],
  ["hours that say nothing", { runOnlyBetween: {} }, /`runOnlyBetween` of task "a" says no hours/],
  ["hours of no day", { runOnlyBetween: { days: "someday" } }, /`days` of `runOnlyBetween` of task "a" is "someday"/],
  ["hours of no zone", { runOnlyBetween: { from: "22:00", timezone: "Mars" } }, /"Mars" is not a time zone/],
  [
    "hours of two zones",
    { runOnlyBetween: [{ from: "22:00" }, { from: "22:00", timezone: "Asia/Tokyo" }] },
    /names several zones: UTC, Asia\/Tokyo/,
  ],
  ["a past that is no truth", { dependsOnPast: "yes" }, /`dependsOnPast` of task "a" is "yes"/],
  ["the past of a map", { dependsOnPast: true, map: [1] }, /`dependsOnPast` of task "a" cannot be true/],
  ["tags that are no words", { tags: [1] }, /`tags` of task "a"/],
])("bad input: %s is an error at its place", (_, options, message) => {
  const error = errorOf(() => define(({ task }) => void task("a", options as LimitOptions, () => 1)));
  expect(error.message).toMatch(message);
  expect(error.line).toBeGreaterThan(0);
});

test("CC-6: a member of a mapped group has no past, however deep it lies in it", () => {
  const inMap = (map: boolean) =>
    pipeline("p", ({ group }) => {
      group("each", map ? { map: [1, 2] } : {}, ({ group: inner }) => {
        inner("part", ({ task }) => void task("load", { dependsOnPast: true }, () => 1));
      });
    });
  const error = errorOf(() => inMap(true));
  expect(error.message).toContain('cannot be true, for it is one of many in mapped group "each"');
  expect(error.line).toBeGreaterThan(0);
  expect(() => inMap(false)).not.toThrow();
});

test("TI-8: hours are read of a task and of a pipeline", () => {
  const night = { from: "22:00", to: "06:00", timezone: "Europe/Berlin" };
  const hours = { timezone: "Europe/Berlin", windows: [{ fromMinute: 1_320, toMinute: 360 }] };
  const defined = pipeline("p", { runOnlyBetween: night }, ({ task }) => {
    task("a", { runOnlyBetween: [night, { ...night, days: "sat-sun" }] }, () => 1);
  });
  expect(defined.spec.runOnlyBetween).toEqual(hours);
  expect(defined.spec.tasks[0]?.runOnlyBetween).toEqual({
    ...hours,
    windows: [...hours.windows, { days: [0, 6], fromMinute: 1_320, toMinute: 360 }],
  });
});

test.each(["maxRuns", "concurrency", "runConcurrency"])(
  "bad input: `%s` of a pipeline below one is an error",
  (name) => {
    const error = errorOf(() => pipeline("p", { [name]: 0 }, ({ task }) => void task("a", () => 1)));
    expect(error.message).toContain(`\`${name}\` of pipeline "p" is 0`);
  },
);
