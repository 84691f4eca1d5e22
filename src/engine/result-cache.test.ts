import { expect, test } from "vitest";
import { plainTask } from "../core/plain-task-for-tests.ts";
import type { CacheSpec } from "../core/result-cache.ts";
import type { AttemptOrder, AttemptResult } from "../execution/executor.ts";
import type { CacheEntry } from "../store/cache-records.ts";
import { ResultCache } from "./result-cache.ts";

const VALUE = { kind: "inline", json: "[1]" } as const;
const ENTRY: CacheEntry = { runId: "run-0", createdAt: 1_700_000_000_000, output: VALUE };

test("what is kept under the key is taken, with its origin, and nothing runs", async () => {
  const { execute, ran, asked } = setup({ entry: ENTRY });
  expect(await execute()).toEqual({
    report: { result: { kind: "success", reason: "cache: run-0 2023-11-14T22:13:20.000Z", output: VALUE } },
  });
  expect(ran).toEqual([]);
  expect(asked).toHaveLength(1);
});

test("what is not kept is run, and its key goes with the report", async () => {
  const { execute, ran, asked } = setup({});
  const spec = { key: "inputs", ttlMs: 5_000 } as const;
  const { report, cache } = await execute({}, spec);
  expect(report.result).toEqual({ kind: "success", output: VALUE });
  expect(cache).toEqual({ kind: "keep", key: asked[0], ttlMs: 5_000 });
  expect(ran).toMatchObject([{ askFirst: false }]);
});

test("a task run that was cleared computes anew, and keeps what it gives", async () => {
  const { execute, ran, asked } = setup({ entry: ENTRY });
  expect((await execute({ generation: 2 })).cache).toMatchObject({ kind: "keep" });
  expect([ran.length, asked.length]).toEqual([1, 0]);
});

test("another version, parameter, input or item asks for another key; another day does not, unless the key says so", async () => {
  const { execute, asked } = setup({});
  const ds = { key: ["ds"] } as const;
  await execute();
  await execute({ ds: "2026-01-02" });
  await execute({ versionHash: "v2" });
  await execute({ params: { region: "us" } });
  await execute({ input: { rows: { state: "success", value: { kind: "inline", json: "[2]" } } } });
  await execute({}, ds);
  await execute({ ds: "2026-01-02" }, ds);
  for (const json of ["1", "2", "1"]) await execute({ mapKey: json, item: { kind: "inline", json } });
  expect(asked[1]).toBe(asked[0]);
  expect(asked[9]).toBe(asked[7]);
  expect(new Set(asked).size).toBe(8);
});

test("a cache that cannot be read, or a key that cannot be made, is passed by with a note", async () => {
  const broken = setup({ broken: true });
  expect((await broken.execute()).cache).toEqual({ kind: "unknown", why: "the cache could not be read: disk full" });
  expect(broken.ran).toMatchObject([
    { note: "The result cache was passed by: the cache could not be read: disk full." },
  ]);
  const keyless = setup({ answer: { kind: "asked", problem: "it threw" } });
  expect((await keyless.execute({}, { key: "function" })).cache).toEqual({ kind: "unknown", why: "it threw" });
});

test("SK-3: what runIf or doneWhen ends is not looked up", async () => {
  const { execute, asked } = setup({ answer: { kind: "skipped", reason: "run_if" }, entry: ENTRY });
  expect(await execute({ askFirst: true })).toEqual({ report: { result: { kind: "skipped", reason: "run_if" } } });
  expect(asked).toEqual([]);
});

interface Setup {
  readonly entry?: CacheEntry;
  readonly broken?: boolean;
  readonly answer?: AttemptResult;
}

function setup({ entry, broken = false, answer = { kind: "asked" } }: Setup) {
  const ran: AttemptOrder[] = [];
  const asked: string[] = [];
  const cache = new ResultCache(
    {
      cacheEntry: async (_project, key) => {
        asked.push(key);
        if (broken) throw new Error("disk full");
        return entry;
      },
    },
    {
      execute: async (order) => {
        if (order.askOnly) return { result: answer };
        ran.push(order);
        return { result: { kind: "success", output: VALUE } };
      },
    },
  );
  const execute = (more: Partial<AttemptOrder> = {}, spec: CacheSpec = { key: "inputs" }) =>
    cache.execute({ ...ORDER, ...more }, spec);
  return { execute, ran, asked };
}

const ORDER: AttemptOrder = {
  ...{ runId: "run-1", taskRunKey: 1, generation: 1, attempt: 1, token: 1, project: "shop", pipeline: "daily" },
  ...{ versionHash: "v1", graphHash: "g", pipelineFile: "daily.ts", task: plainTask("rates"), mapKey: "" },
  ...{ trigger: "manual", interval: { start: 0, end: 1 }, timezone: "UTC", ds: "2026-01-01", params: {} },
  ...{ input: {}, idempotencyKey: "k", askFirst: false },
};
