import { describe, expect, it } from "vitest";
import { listItems, MAP_LIMIT_MAX } from "./map-source.ts";

describe("listItems", () => {
  it("DM-1: counts the items of a list, and reads their labels", () => {
    expect(listItems([{ name: "a" }, { name: 2 }, null], ["name"])).toEqual({
      count: 3,
      labels: { name: ["a", "2", ""] },
    });
    expect(listItems([1, 2], [])).toEqual({ count: 2 });
    for (const value of ["abc", 3, null, { length: 1 }]) expect(listItems(value, ["name"])).toBeUndefined();
  });

  it("DM-1: cuts labels the shorter the more there are, so that all of them fit into one message", () => {
    const items = Array.from({ length: 300_000 }, () => "x".repeat(200));
    const labels = listItems(items, [""])?.labels?.[""] ?? [];
    expect(labels[0]).toBe(`${"x".repeat(54)}…`);
    expect(labels.reduce((sum, label) => sum + label.length, 0)).toBeLessThanOrEqual(16 * 2 ** 20);
  });

  it("DM-2: reads no labels of a list that no map takes", () => {
    const items = Array.from({ length: MAP_LIMIT_MAX + 1 }, () => "x");
    expect(listItems(items, [""])).toEqual({ count: MAP_LIMIT_MAX + 1 });
  });
});
