import { expect, test } from "vitest";
import type { Json } from "../json.ts";
import { type Comparison, matchesEvent } from "./event-filter.ts";

function holds(payload: Json, path: string, is: Comparison, value: Json): boolean {
  return matchesEvent({ where: [{ path, is, value }] }, { payload });
}

test("a condition looks at one path of the payload, and an absent path holds for none but its absence", () => {
  const payload = { region: "eu", size: 10, items: [{ sku: "a" }], note: null, more: { a: 1, b: [2] } };
  const yes: readonly (readonly [string, Comparison, Json])[] = [
    ...([
      ["region", "eq", "eu"],
      ["size", "gte", 10],
      ["size", "lt", 11],
      ["items.0.sku", "eq", "a"],
    ] as const),
    ...([
      ["note", "eq", null],
      ["note", "exists", true],
      ["gone", "exists", false],
      ["gone", "ne", 1],
    ] as const),
    ...([
      ["more", "eq", { b: [2], a: 1 }],
      ["region", "in", ["us", "eu"]],
      ["region", "gt", "aa"],
    ] as const),
  ];
  for (const [path, is, value] of yes) expect([path, is, holds(payload, path, is, value)]).toEqual([path, is, true]);
  const no: readonly (readonly [string, Comparison, Json])[] = [
    ...([
      ["region", "eq", "us"],
      ["size", "gt", 10],
      ["size", "lte", "10"],
      ["items.1.sku", "exists", true],
    ] as const),
    ...([
      ["gone", "eq", null],
      ["note", "exists", false],
      ["toString", "exists", true],
      ["more.b", "lt", 9],
    ] as const),
    ...([
      ["region.length", "eq", 2],
      ["region", "in", ["us"]],
      ["__proto__", "exists", true],
    ] as const),
  ];
  for (const [path, is, value] of no) expect([path, is, holds(payload, path, is, value)]).toEqual([path, is, false]);
  for (const plain of [null, 3, "text", [1]]) expect(holds(plain, "a", "eq", 1)).toBe(false);
});

test("all conditions hold, and the key is the one that is asked for", () => {
  const filter = { key: "eu", where: [{ path: "a", is: "eq", value: 1 } as const] };
  expect(matchesEvent(filter, { key: "eu", payload: { a: 1 } })).toBe(true);
  expect(matchesEvent(filter, { key: "us", payload: { a: 1 } })).toBe(false);
  expect(matchesEvent(filter, { payload: { a: 1 } })).toBe(false);
  expect(matchesEvent(filter, { key: "eu", payload: { a: 2 } })).toBe(false);
  expect(matchesEvent({ where: [] }, { key: "eu", payload: null })).toBe(true);
});
