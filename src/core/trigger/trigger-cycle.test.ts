import { expect, test } from "vitest";
import { triggerCycles } from "./trigger-cycle.ts";

function pipelines(edges: Readonly<Record<string, readonly string[]>>) {
  return Object.entries(edges).map(([name, above]) => ({
    name,
    triggers: above.map((pipeline) => ({
      ...{ name: pipeline, location: { file: "a.ts", line: 1 }, params: {} },
      source: { kind: "pipeline", pipeline, state: "success", interval: "same" } as const,
    })),
  }));
}

test("a circle of triggers is found once, as the path on which one starts the next", () => {
  expect(triggerCycles(pipelines({ a: [], b: ["a"], c: ["b", "a"] }))).toEqual([]);
  expect(triggerCycles(pipelines({ a: ["a"] }))).toEqual([["a", "a"]]);
  expect(triggerCycles(pipelines({ start: ["a"], a: ["c"], b: ["a"], c: ["b"] }))).toEqual([["a", "b", "c", "a"]]);
  expect(triggerCycles(pipelines({ a: ["b"], b: ["a"], c: ["gone", "d"], d: ["c"] }))).toHaveLength(2);
});
