import { expect, test } from "vitest";
import { z } from "zod";
import { contextForTests } from "../tasks/context-for-tests.ts";
import { asset } from "./asset.ts";
import { pipeline } from "./pipeline.ts";

test("BF-4: a pipeline says how its backfills run", () => {
  const spec = (backfill: object) => pipeline("p", { backfill }, ({ task }) => void task("a", () => 1)).spec;
  expect(spec({ singleRun: true, maxActive: 4 }).backfill).toEqual({ singleRun: true, maxActive: 4 });
  expect(spec({ singleRun: false }).backfill).toBeUndefined();
  expect(() => spec({ maxActive: 0 })).toThrow("`maxActive` in `backfill` of pipeline");
  expect(() => spec({ single: true })).toThrow("Unknown option `single`");
});

test("RS-4 to RS-7, RT-4: what ends runs and tasks early is in the specification, in milliseconds", () => {
  const limits = { failFast: true, runTimeout: "6h", cleanupTimeout: "1m", pauseAfterFailures: 3 };
  const { spec } = pipeline("p", limits, ({ task }) => void task("a", { totalTimeout: "2h" }, () => 1));
  expect(spec).toMatchObject({
    ...{ failFast: true, runTimeoutMs: 21_600_000, cleanupTimeoutMs: 60_000, pauseAfterFailures: 3 },
    tasks: [{ totalTimeoutMs: 7_200_000 }],
  });
  expect(pipeline("q", { failFast: false }, ({ task }) => void task("a", () => 1)).spec).not.toHaveProperty("failFast");
});

test("a result cache is in the specification, and its key function among the functions", () => {
  const definition = pipeline("p", { params: z.object({ n: z.number() }) }, ({ task }) => {
    const rows = task("a", { cache: true }, () => [1]);
    task("b", { input: { rows }, cache: { ttl: "7d", key: ["input.rows", "params.n"] } }, () => 1);
    task("c", { input: { rows }, cache: { key: ({ input, params }) => [input.rows[0] ?? 0, params.n] } }, () => 1);
    task("d", { cache: false }, () => 1);
  });
  expect(definition.spec.tasks.map(({ cache }) => cache)).toEqual([
    { key: "inputs" },
    { key: ["input.rows", "params.n"], ttlMs: 604_800_000 },
    { key: "function" },
    undefined,
  ]);
  const context = contextForTests({ params: { n: 4 }, input: { rows: [7] } });
  expect(definition.functions.get("c")?.cacheKey?.(context)).toEqual([7, 4]);
});

test("RT-7: doneWhen may be an asset that says whether it exists", () => {
  const there = asset("warehouse/orders", { exists: () => true });
  const definition = pipeline("p", ({ task }) => void task("a", { doneWhen: there, outputs: [there] }, () => 1));
  expect(definition.spec.tasks[0]).toMatchObject({
    ...{ hasDoneWhen: true, doneWhenAsset: "warehouse/orders", outputs: [{ key: "warehouse/orders" }] },
  });
  expect(definition.functions.get("a")?.doneWhen?.(contextForTests({}))).toBe(true);
});

test.each<readonly [string, () => unknown, RegExp]>([
  [
    "a cache by an input that is not there",
    () => pipeline("p", ({ task }) => void task("a", { cache: { key: ["input.rows"] } }, () => 1)),
    /"input.rows" in the key of the cache of task "a" names the input "rows", which the task does not have/,
  ],
  [
    "a cache by nothing",
    () => pipeline("p", ({ task }) => void task("a", { cache: { key: [] } }, () => 1)),
    /`key` of the cache of task "a"/,
  ],
  [
    "an asset that cannot say whether it exists",
    () => pipeline("p", ({ task }) => void task("a", { doneWhen: asset("x") }, () => 1)),
    /`doneWhen` of task "a" is asset "x", which cannot say whether it exists/,
  ],
  [
    "a wrong runIf",
    () => pipeline("p", ({ task }) => void task("a", { runIf: 1 as never }, () => 1)),
    /`runIf` of task "a" is 1/,
  ],
  [
    "a run that may take no time",
    () => pipeline("p", { runTimeout: "0s" }, ({ task }) => void task("a", () => 1)),
    /`runTimeout` of pipeline "p" is "0s"/,
  ],
  [
    "a pause after no failure",
    () => pipeline("p", { pauseAfterFailures: 0 }, ({ task }) => void task("a", () => 1)),
    /`pauseAfterFailures` of pipeline "p" is 0/,
  ],
])("%s is refused", (_, define, message) => {
  expect(define).toThrow(message);
});
