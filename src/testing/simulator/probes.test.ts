import { expect, test } from "vitest";
import { RUN_EDGES, TASK_RUN_EDGES } from "../../core/state.ts";
import { PROBES } from "./declared-probes.ts";
import { LONG_RUN_SEEDS, missedProbes, probe } from "./probes.ts";

test("every published change of state is a probe, and nothing else is one", () => {
  const edges = [
    ...TASK_RUN_EDGES.map(({ from, to }) => `${from} -> ${to}`),
    ...RUN_EDGES.map(({ from, to }) => `run ${from} -> ${to}`),
    "run null -> queued",
  ];
  const declared = Object.keys(PROBES).filter((name) => name.includes(" -> "));
  expect(declared.sort()).toEqual([...new Set(edges)].sort());
});

test("a probe that was reached in too few worlds, or never, is named; one that may be rare has its own bound", () => {
  const enough = { worlds: LONG_RUN_SEEDS, times: LONG_RUN_SEEDS };
  const all = new Map(Object.keys(PROBES).map((name) => [probe(name), enough]));
  expect(missedProbes(all, LONG_RUN_SEEDS)).toEqual([]);
  all.set("crash", { worlds: 49, times: 500 });
  all.delete("lease lost");
  all.delete("removed -> success");
  expect(missedProbes(all, LONG_RUN_SEEDS)).toEqual([
    '"crash" was reached in 49 worlds, not in 50 of 5000',
    '"lease lost" was reached never, not in 50 of 5000',
  ]);
});

test("what is not declared cannot be reached", () => {
  expect(() => probe("no such thing")).toThrow(/declared-probes.ts does not declare/);
});
