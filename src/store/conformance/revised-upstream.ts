import { describe, expect, test } from "vitest";
import type { Claim, CompletionResult, RunId } from "../store.ts";
import type { PipelineSketch } from "./pipelines.ts";
import { FAILED, LOST, retrying, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

/** What an operator clears or marks after something behind it has begun: no attempt more begins without it (I10). */
export function testRevisedUpstream(subject: Subject): void {
  const clear = (scenario: Scenario, run: RunId, name: string) =>
    scenario.store.clear({ run, tasks: [{ name }], actor: "anna" });
  const fail = (scenario: Scenario, run: RunId, name: string) =>
    scenario.store.mark({ run, tasks: [{ name }], as: "failed", actor: "anna" });

  test("I10: what is lost or fails while its upstream was cleared begins again only behind it", async () => {
    await using scenario = await Scenario.begin(subject);
    const after = ["a"];
    const run = await scenario.start({ a: {}, lost: { after }, failed: { after }, fine: { after } });
    await scenario.end(await scenario.claim(), SUCCESS);
    const claims = await scenario.claim();
    await clear(scenario, run, "a");
    await endEach(scenario, claims, LOST, retrying(60_000), SUCCESS);
    expect(await scenario.states(run)).toEqual({
      a: "queued",
      lost: "scheduled",
      failed: "scheduled",
      fine: "success",
    });
    expect(await scenario.taskRun(run, "lost")).toMatchObject({ attempt: 1, lost: 1 });
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.states(run)).toMatchObject({ lost: "queued", failed: "queued" });
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("I10: what is lost or fails while its upstream was marked as failed is decided by that", async () => {
    await using scenario = await Scenario.begin(subject);
    const after = ["a"];
    const run = await scenario.start({
      ...{ a: {}, lost: { after }, failed: { after, when: "none_failed" }, alarm: { after, when: "one_done" } },
      next: { after: ["lost"] },
    });
    await scenario.end(await scenario.claim(), SUCCESS);
    const claims = await scenario.claim();
    await fail(scenario, run, "a");
    await endEach(scenario, claims, LOST, retrying(0), LOST);
    expect(await scenario.states(run)).toMatchObject({
      ...{ lost: "upstream_failed", failed: "upstream_failed", alarm: "queued", next: "upstream_failed" },
    });
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("GR-1, I10: a group is tried again only behind what was cleared while it ran", async () => {
    await using scenario = await Scenario.begin(subject);
    const retries = { limit: 1, delay: { kind: "fixed", ms: 0 }, jitter: 0 } as const;
    const run = await scenario.start({
      list: {},
      "g/start": { startOf: "g", after: ["list"], over: "list" },
      "g.a": { in: "g", gates: ["g/start"] },
      "g/end": { endOf: "g", after: ["g.a"], when: "all_done", gates: ["g/start"], groupRetries: retries },
    });
    await scenario.end(await scenario.claim(), valued("[1,2]"));
    const items = await scenario.claim();
    await clear(scenario, run, "list");
    await scenario.end(items, FAILED);
    expect(await scenario.states(run)).toMatchObject({ list: "queued", "g/start": "scheduled" });
    await scenario.runOut((task) => (task === "list" ? valued("[1]") : SUCCESS));
    expect(await scenario.runState(run)).toBe("success");
  });

  describe("items of a map", () => {
    const map: PipelineSketch = {
      list: {},
      each: { after: ["list"], over: "list", when: "one_done" },
      join: { after: ["each"], when: "all_done" },
    };

    test("I10: those that have not begun wait for a list that was cleared; those it has no more are removed (DM-4)", async () => {
      await using scenario = await Scenario.begin(subject);
      const run = await scenario.start(map);
      await scenario.end(await scenario.claim(), valued("[1,2,3,4]"));
      const claims = await scenario.claim(3);
      await scenario.end(claims.slice(0, 1), SUCCESS);
      await clear(scenario, run, "list");
      await scenario.check();
      await scenario.end(claims.slice(1, 2), LOST);
      expect(await items(scenario, run, "each")).toEqual(["success", "scheduled", "running", "scheduled"]);
      await scenario.end(await scenario.claim(), valued("[5,6]"));
      expect(await items(scenario, run, "each")).toEqual(["success", "queued", "running", "removed"]);
      await scenario.check();
      await scenario.end(claims.slice(2), SUCCESS);
      await scenario.runOut();
      expect(await items(scenario, run, "each")).toEqual(["success", "success", "success", "removed"]);
      expect((await scenario.taskRun(run, "join")).upstream).toMatchObject({ total: 3, success: 3 });
      expect(await scenario.runState(run)).toBe("success");
    });

    test("DM-2: those that have not begun go with a list that was marked as failed", async () => {
      await using scenario = await Scenario.begin(subject);
      const run = await scenario.start(map);
      await scenario.end(await scenario.claim(), valued("[1,2,3]"));
      const claims = await scenario.claim(2);
      await fail(scenario, run, "list");
      await scenario.end(claims.slice(1), LOST);
      expect(await items(scenario, run, "each")).toEqual(["running", "upstream_failed", "upstream_failed"]);
      await scenario.end(claims.slice(0, 1), SUCCESS);
      await scenario.runOut();
      expect(await scenario.states(run)).toMatchObject({ join: "success" });
      expect(await scenario.runState(run)).toBe("failed");
    });

    test("DM-2: those that have not begun fail when their list is none any more", async () => {
      await using scenario = await Scenario.begin(subject);
      const run = await scenario.start(map);
      await scenario.end(await scenario.claim(), valued("[1,2]"));
      const running = await scenario.claim(1);
      await clear(scenario, run, "list");
      await scenario.end(await scenario.claim(1), valued('"none"'));
      expect(await items(scenario, run, "each")).toEqual(["running", "failed"]);
      const [letter] = await scenario.store.deadLetters({ project: "shop", limit: 9 });
      expect(letter).toMatchObject({ task: "each", mapKey: "1", failure: { reason: "invalid_map" } });
      await scenario.end(running, SUCCESS);
      await scenario.runOut();
      expect(await scenario.runState(run)).toBe("failed");
    });

    test("DM-3, I10: members of a mapped group wait for what their group waits for, through groups and maps within", async () => {
      await using scenario = await Scenario.begin(subject);
      const run = await scenario.start({
        ...{ list: {}, other: {} },
        "g/start": { startOf: "g", after: ["list", "other"], over: "list" },
        "g.a": { in: "g", gates: ["g/start"] },
        "g.b": { in: "g", gates: ["g/start"], after: ["g.a"] },
        "g.i/start": { startOf: "g.i", in: "g", gates: ["g/start"] },
        "g.i.c": { in: "g.i", gates: ["g.i/start"] },
        "g.m": { in: "g", gates: ["g/start"], over: ["x", "y"] },
        join: { after: ["g.b", "g.i.c", "g.m"] },
      });
      await scenario.end(await scenario.claim(), valued("[1]"));
      const claims = await scenario.claim(1);
      await clear(scenario, run, "other");
      await scenario.check();
      expect(await items(scenario, run, "g.a", "g.b", "g.i.c", "g.m")).toEqual([
        "running",
        "scheduled",
        "scheduled",
        "success",
        "scheduled",
        "scheduled",
      ]);
      await scenario.end(claims, SUCCESS);
      expect(await items(scenario, run, "g.b")).toEqual(["scheduled"]);
      await scenario.end(await scenario.claim(), SUCCESS);
      expect(await items(scenario, run, "g.b", "g.i.c", "g.m")).toEqual([
        "queued",
        "queued",
        "success",
        "queued",
        "queued",
      ]);
      await scenario.check();
      await fail(scenario, run, "other");
      await scenario.check();
      expect(await items(scenario, run, "g.b", "g.i.c", "g.m")).toEqual([
        "upstream_failed",
        "upstream_failed",
        "success",
        "upstream_failed",
        "upstream_failed",
      ]);
      await scenario.runOut();
      expect(await scenario.states(run)).toMatchObject({ join: "upstream_failed" });
    });

    test("DM-4, RS-7: those of a junction that ends unexpanded go with it, so that a run that is stopped ends", async () => {
      await using scenario = await Scenario.begin(subject);
      const run = await scenario.start({
        list: {},
        "o/start": { startOf: "o", after: ["list"], over: "list" },
        "i/start": { startOf: "i", in: "o", gates: ["o/start"] },
        "i.down": { in: "i", gates: ["i/start"], role: "teardown", allowFailure: true },
        "i/cleanup": { cleanupOf: "i", in: "o", after: ["i.down"], when: "all_done", role: "teardown" },
      });
      await scenario.runOut((task) => (task === "list" ? valued("[1]") : SUCCESS));
      await scenario.store.clear({ run, tasks: [{ name: "list" }], downstream: true, actor: "anna" });
      await scenario.store.stop({ run, how: "cancel", actor: "anna" });
      expect(await scenario.runState(run)).toBe("cancelled");
    });

    test("DM-4, I45: what vanished with its item counts for nobody, and begins with counts of its own when it is back", async () => {
      await using scenario = await Scenario.begin(subject);
      const run = await scenario.start({
        list: {},
        "g/start": { startOf: "g", after: ["list"], over: "list" },
        "g.a": { in: "g", gates: ["g/start"] },
        "g.b": { in: "g", gates: ["g/start"], after: ["g.a"] },
        join: { after: ["g.b"] },
      });
      for (const list of ["[1,2]", "[1]", "[3,4]"]) {
        await scenario.store.clear({ run, tasks: [{ name: "list" }], downstream: true, actor: "anna" });
        await scenario.runOut((task) => (task === "list" ? valued(list) : SUCCESS));
        await scenario.check();
      }
      expect(await items(scenario, run, "g.b")).toEqual(["success", "success"]);
    });
  });
}

function valued(json: string): CompletionResult {
  return { kind: "success", output: { kind: "inline", json } };
}

/** The first claim with the first result, and so on. */
async function endEach(scenario: Scenario, claims: readonly Claim[], ...results: readonly CompletionResult[]) {
  await scenario.exchange(claims.map((claim, index) => [claim, results[index] ?? SUCCESS]));
}

/** States of the task runs of items, in their order. */
async function items(scenario: Scenario, run: RunId, ...tasks: readonly string[]): Promise<readonly string[]> {
  const rows = await scenario.store.taskRuns(run);
  return tasks.flatMap((task) =>
    rows.filter((row) => row.mapKey !== "" && scenario.nameOf(row) === task).map(({ state }) => state),
  );
}
