import { expect, test } from "vitest";
import { pipeline } from "../sdk/index.ts";
import { returns, runPipeline } from "./index.ts";

test("a cached task runs the first time, and a key that cannot be computed is told and never an end of it", async () => {
  const cached = pipeline("cached", ({ task }) => {
    const nothing = task("nothing", () => {});
    const rows = task("rows", { cache: { ttl: "7d", key: () => ({ table: "orders" }) } }, () => [1, 2]);
    task("count", { input: { rows }, cache: true }, ({ input }) => input.rows.length);
    task("blind", { input: { nothing }, cache: true }, () => 1);
    task("broken", { cache: { key: () => JSON.parse("{") } }, () => 2);
    task("idle", { cache: { key: () => 1 }, runIf: () => false }, () => 3);
    task("stubbed", { cache: { key: () => 1 } }, () => 4);
  });
  const run = await runPipeline(cached, { stubs: { stubbed: returns(5) } });
  run.succeeded();
  run.task("count").returned(2);
  run.task("blind").returned(1).logged('The result cache was passed by: input "nothing" has no value.');
  run
    .task("broken")
    .returned(2)
    .logged(/its key function gave no key/);
  run.task("idle").skipped();
  run.task("stubbed").returned(5);
  expect(run.task("rows").facts.reason).toBeUndefined();
});
