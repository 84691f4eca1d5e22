import { expect, test } from "vitest";
import { pipeline } from "../sdk/index.ts";
import { runPipeline } from "./index.ts";

test("CC-1: attempts of a rate start no faster than it allows, on a clock that jumps", async () => {
  const limited = pipeline("calls", ({ task }) => {
    for (const name of ["a", "b", "c"]) task(name, { rateLimit: { limit: 60, per: "1m" } }, () => name);
    task("slow_1", { rateLimit: { limit: 1, per: "1h" } }, () => 1);
    task("mapped", { map: [1, 2, 3], rateLimit: { limit: 1, per: "10m" } }, ({ item }) => item);
  });
  const run = await runPipeline(limited);
  run.succeeded();
  const starts = run.facts.tasks
    .filter(({ task, mapKey }) => task === "mapped" && mapKey !== "")
    .flatMap(({ attempts }) => attempts.map(({ startedAfterMs }) => startedAfterMs))
    .sort((one, other) => one - other);
  expect(starts).toHaveLength(3);
  for (const [index, at] of starts.entries()) {
    if (index > 0) expect(at - (starts[index - 1] ?? 0)).toBeGreaterThanOrEqual(600_000);
  }
});

test("CC-6: a task that depends on the past runs when there is none", async () => {
  const dependent = pipeline("past", ({ task }) => {
    const extract = task("extract", () => 1);
    task("load", { after: [extract], dependsOnPast: true, pool: "warehouse" }, () => 2);
  });
  (await runPipeline(dependent)).succeeded();
});
