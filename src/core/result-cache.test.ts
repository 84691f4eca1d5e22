import { expect, test } from "vitest";
import { type CacheFacts, cacheKeyParts, cachePathProblem } from "./result-cache.ts";

const FACTS: CacheFacts = {
  project: "shop",
  pipeline: "daily",
  task: "rates",
  versionHash: "v1",
  input: {
    rows: { state: "success", value: { kind: "inline", json: '{"eu":{"count":3},"list":[7]}' } },
    large: { state: "success", value: { kind: "blob", hash: "abc", bytes: 9_000_000 } },
  },
  params: { region: "eu", days: ["mon"] },
  ds: "2026-01-02",
  interval: { start: 1_000, end: 2_000 },
};

test("a key is made of task, code, all inputs and parameters, and large values count by their content", () => {
  const parts = cacheKeyParts({ key: "inputs" }, FACTS);
  expect(parts).toEqual({
    kind: "known",
    parts: {
      ...{ project: "shop", pipeline: "daily", task: "rates", code: "v1", by: "inputs" },
      of: {
        input: { rows: { json: '{"eu":{"count":3},"list":[7]}' }, large: { sha256: "abc" } },
        params: { region: "eu", days: ["mon"] },
      },
    },
  });
  expect(cacheKeyParts({ key: "inputs" }, { ...FACTS, ds: "2026-01-03" })).toEqual(parts);
});

test.each<Partial<CacheFacts>>([
  { task: "other" },
  { versionHash: "v2" },
  { params: { region: "us", days: ["mon"] } },
  { pipeline: "weekly" },
  { input: { ...FACTS.input, large: { state: "success", value: { kind: "blob", hash: "abd", bytes: 9 } } } },
])("another %j gives another key", (change) => {
  expect(cacheKeyParts({ key: "inputs" }, { ...FACTS, ...change })).not.toEqual(
    cacheKeyParts({ key: "inputs" }, FACTS),
  );
});

test("a key may be the values at some paths, and nothing else then matters", () => {
  const key = ["params.region", "ds", "interval.start", "input.rows.eu.count", "input.rows.list.0", "input.large"];
  const found = cacheKeyParts({ key }, FACTS);
  expect(found).toMatchObject({
    parts: {
      by: "paths",
      of: {
        ...{ "params.region": "eu", ds: "2026-01-02", "interval.start": 1_000 },
        ...{ "input.rows.eu.count": 3, "input.rows.list.0": 7, "input.large": { sha256: "abc" } },
      },
    },
  });
  expect(cacheKeyParts({ key }, { ...FACTS, params: { region: "eu", days: [] } })).toEqual(found);
});

test("a key may be what a function said", () => {
  expect(cacheKeyParts({ key: "function" }, FACTS, [1, "a"])).toMatchObject({
    parts: { by: "function", of: [1, "a"] },
  });
});

test.each([
  [["params.regoin"], /params\.regoin is not there/],
  [["params.region.length"], /params\.region\.length is not there/],
  [["params.days.__proto__"], /is not there/],
  [["input.large.0"], /input "large" is too large/],
  ["inputs" as const, /input "none" has no value/],
  [["input.none"], /input "none" has no value/],
])("a key of %j that cannot be computed says why", (key, why) => {
  const facts = { ...FACTS, input: { ...FACTS.input, none: { state: "success" as const } } };
  expect(cacheKeyParts({ key }, facts)).toMatchObject({ kind: "unknown", why: expect.stringMatching(why) });
});

test("a path that can never be is known before anything runs", () => {
  for (const path of ["params", "params.a.b", "input.rows", "input.rows.a", "ds", "interval.end"]) {
    expect(cachePathProblem(path, ["rows"])).toBeUndefined();
  }
  expect(cachePathProblem("input.rosw", ["rows"])).toMatch(/input "rosw"/);
  for (const path of ["input", "interval", "interval.start.x", "now", ""]) {
    expect(cachePathProblem(path, ["rows"])).toMatch(/is no path/);
  }
});
