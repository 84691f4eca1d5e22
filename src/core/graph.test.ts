import fc from "fast-check";
import { expect, test } from "vitest";
import { buildGraph, graphOf, type NamedTask } from "./graph.ts";
import { BatutaError } from "./problem.ts";

test("tasks come out in the order of their definition where that is possible, else upstream first", () => {
  const { order, upstream } = buildGraph(
    tasks({ report: ["load"], extract: [], load: ["extract"], notify: ["report"] }),
  );
  expect(order).toEqual([1, 2, 0, 3]);
  expect(upstream).toEqual([[], [0], [1], [2]]);
  expect(buildGraph(tasks({ a: [], b: [], c: ["a", "b", "a"], d: ["a"] }))).toEqual({
    order: [0, 1, 2, 3],
    upstream: [[], [], [0, 1], [0]],
  });
});

test("in any graph every upstream comes before its dependants, and each task once", () => {
  const dag = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(dag, fc.nat(), (edges, seed) => {
      const names = edges.map((_, index) => `t${(index * 7 + seed) % edges.length}_${index}`);
      const list = edges.map((ups, index) =>
        task(names[index] ?? "", index === 0 ? [] : ups.map((up) => names[up % index] ?? "")),
      );
      const reversed = [...list].reverse();
      const { order, upstream } = buildGraph(reversed);
      expect([...order].sort((one, other) => one - other)).toEqual([...list.keys()]);
      for (const [index, ups] of upstream.entries()) for (const up of ups) expect(up).toBeLessThan(index);
    }),
  );
});

test("a cycle is an error that prints its path in the direction of the work", () => {
  const error = failure(() => buildGraph(tasks({ start: [], a: ["start", "c"], b: ["a"], c: ["b"] })));
  expect(error.code).toBe("invalid_definition");
  expect(error.message).toContain("a → b → c → a");
  expect(error.message).not.toContain("start");
  expect(error.location).toEqual({ file: "sales.ts", line: 2 });
  expect(failure(() => buildGraph(tasks({ a: ["a"] }))).message).toContain("a → a");
});

test("a very long cycle is shortened in the middle", () => {
  const size = 5_000;
  const ring = Array.from({ length: size }, (_, index) => task(`t${index}`, [`t${(index + size - 1) % size}`]));
  const { message } = failure(() => buildGraph(ring));
  expect(message).toContain("t0 → t1 →");
  expect(message).toContain("t4999 → t0");
  expect(message.length).toBeLessThan(400);
});

test("a name used twice is an error that names both places", () => {
  const error = failure(() => buildGraph([task("load", [], 3), task("load", [], 9)]));
  expect(error.message).toContain('"load"');
  expect(error.message).toContain("sales.ts:3");
  expect(error.location).toEqual({ file: "sales.ts", line: 9 });
});

test("an unknown upstream is an error that guesses what was meant", () => {
  const error = failure(() => buildGraph(tasks({ extract_orders: [], load: ["extract_order"] })));
  expect(error.message).toContain('"extract_order"');
  expect(error.hint).toContain('"extract_orders"');
});

test("a chain of 100,000 tasks defined in reverse does not exhaust the stack", () => {
  const size = 100_000;
  const chain = Array.from({ length: size }, (_, index) =>
    task(`t${index}`, index + 1 < size ? [`t${index + 1}`] : []),
  );
  const { order } = buildGraph(chain);
  expect(order[0]).toBe(size - 1);
  expect(order.at(-1)).toBe(0);
});

test("what a task is a gate of hangs on it, too", () => {
  const graph = graphOf({
    tasks: [{ upstream: [] }, { upstream: [0] }, { upstream: [], gates: [1] }, { upstream: [2] }],
  });
  expect(graph.dependants[1]).toEqual([]);
  expect(graph.followers[1]).toEqual([2]);
  expect(graph.descendants(0)).toEqual([1, 2, 3]);
});

test("a compiled graph knows dependants and descendants", () => {
  const graph = graphOf({ tasks: [[], [0], [0], [1, 2], [3]].map((upstream) => ({ upstream })) });
  expect(graph.dependants).toEqual([[1, 2], [3], [3], [4], []]);
  expect(graph.descendants(0)).toEqual([1, 2, 3, 4]);
  expect(graph.descendants(2)).toEqual([3, 4]);
  expect(graph.descendants(4)).toEqual([]);
});

function tasks(upstream: Readonly<Record<string, readonly string[]>>): readonly NamedTask[] {
  return Object.entries(upstream).map(([name, ups], index) => task(name, ups, index + 1));
}

function task(name: string, upstream: readonly string[], line = 1): NamedTask {
  return { name, upstream, location: { file: "sales.ts", line } };
}

function failure(build: () => unknown): BatutaError {
  try {
    build();
  } catch (error) {
    if (error instanceof BatutaError) return error;
    throw error;
  }
  throw new Error("It was accepted.");
}
