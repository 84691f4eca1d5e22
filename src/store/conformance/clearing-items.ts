import { expect, test } from "vitest";
import type { ActionResult } from "../operator-store.ts";
import type { CompletionResult, RunId } from "../store.ts";
import type { PipelineSketch } from "./pipelines.ts";
import { FAILED, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const TWO: CompletionResult = { kind: "success", output: { kind: "inline", json: '["eu","us"]' } };

/** A mapped group `g`: `g.a` to `g.b` for each item, then `join`. */
const GROUP: PipelineSketch = {
  list: {},
  "g/start": { after: ["list"], startOf: "g", over: "list" },
  "g.a": { gates: ["g/start"], in: "g" },
  "g.b": { after: ["g.a"], gates: ["g/start"], in: "g" },
  join: { after: ["g.b"], when: "all_done" },
};

/** What operators do to items of maps, and to groups. */
export function testClearingItems(subject: Subject): void {
  test("GR-1, TR-15: one item is cleared and marked for itself, and behind it the same item alone", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await ran(scenario, GROUP);
    const { store } = scenario;
    const tasks = [{ name: "g.a", mapKey: "1" }];
    expect(touched(await store.clear({ run, tasks, actor: "anna", dryRun: true }))).toEqual(["g.a[1]"]);
    const down = await store.clear({ run, tasks, downstream: true, actor: "anna" });
    expect(touched(down)).toEqual(["g.a[1]", "g.b[1]", "join"]);
    await scenario.check();
    const marked = await store.mark({ run, tasks, as: "failed", actor: "anna" });
    expect(touched(marked)).toEqual(["g.a[1]", "g.b[1]", "join"]);
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("failed");
    expect(await store.deadLetters({ project: "shop", limit: 9 })).toMatchObject([{ task: "g.a", mapKey: "1" }]);
  });

  test("DM-1: clearing a member of a mapped group expands nothing anew; clearing the group does", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await ran(scenario, GROUP);
    const { store } = scenario;
    const member = await store.clear({ run, tasks: [{ name: "g.a" }], actor: "anna" });
    expect(touched(member)).toEqual(["g.a[0]", "g.a[1]"]);
    await scenario.check();
    await scenario.runOut();
    const group = await store.clear({ run, tasks: [{ name: "g" }], actor: "anna" });
    expect(touched(group)).toEqual(["g/start", "g.a", "g.a[0]", "g.a[1]", "g.b", "g.b[0]", "g.b[1]"]);
    await scenario.check();
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("DM-1: items of a mapped group that was to be expanded anew do not begin without it", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await ran(scenario, GROUP);
    const { store } = scenario;
    await store.clear({ run, tasks: [{ name: "list" }], downstream: true, actor: "anna" });
    await store.cancelRun(run, "anna");
    expect(await store.clear({ run, tasks: [{ name: "g.a" }], actor: "anna" })).toMatchObject({ kind: "refused" });
    expect(touched(await store.clear({ run, tasks: [{ name: "g" }], actor: "anna" }))).toContain("g/start");
    await scenario.check();
  });

  test("DM-1: a map that is expanded again runs all of its items anew, and once for each value of its source", async () => {
    await using scenario = await Scenario.begin(subject);
    const map: PipelineSketch = { list: {}, each: { after: ["list"], over: "list" } };
    const run = await ran(scenario, map);
    const { store } = scenario;
    const items = async () => {
      const rows = await store.taskRuns(run, { taskIndexes: [1] });
      return rows.map(({ mapKey, generation, state, decision }) => [mapKey, generation, state, decision?.mapped]);
    };
    const expanded = (generation: number) => [
      ["", generation, "success", 2],
      ["0", generation, "success", undefined],
      ["1", generation, "success", undefined],
    ];
    expect(await items()).toEqual(expanded(1));
    await store.clear({ run, tasks: [{ name: "list" }], downstream: true, actor: "anna" });
    await scenario.runOut((task) => (task === "list" ? TWO : SUCCESS));
    expect(await items()).toEqual(expanded(2));
    const expansions = (await scenario.events(run)).filter(({ body }) => body.kind === "mapped");
    expect(expansions.map(({ body }) => body)).toMatchObject([{ from: 0, to: 2 }]);
  });

  test("DM-4: items that had vanished are there again when their map is cleared and its list holds them", async () => {
    await using scenario = await Scenario.begin(subject);
    const map: PipelineSketch = { list: {}, each: { after: ["list"], over: "list" } };
    const run = await ran(scenario, map);
    const { store } = scenario;
    const again = { run, tasks: [{ name: "list" }], downstream: true, actor: "anna" };
    const one: CompletionResult = { kind: "success", output: { kind: "inline", json: '["eu"]' } };
    await store.clear(again);
    await scenario.runOut((task) => (task === "list" ? one : SUCCESS));
    expect((await store.taskRuns(run, { states: ["removed"] })).map(({ mapKey }) => mapKey)).toEqual(["1"]);
    const gone = { run, tasks: [{ name: "each", mapKey: "1" }], actor: "anna" };
    expect(await store.clear(gone)).toMatchObject({ kind: "refused" });
    expect(await store.mark({ ...gone, as: "success" })).toMatchObject({ kind: "refused" });
    await store.clear(again);
    await scenario.runOut((task) => (task === "list" ? TWO : SUCCESS));
    expect((await store.taskRuns(run)).map(({ state }) => state)).toEqual(["success", "success", "success", "success"]);
  });

  test("RT-6: of a map only the items that failed run again, with what hangs on them", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(GROUP);
    await scenario.runOut((task, { mapKey }) =>
      task === "list" ? TWO : task === "g.a" && mapKey === "0" ? FAILED : SUCCESS,
    );
    const result = await scenario.store.retry({ run, which: "failed", actor: "anna" });
    expect(touched(result)).toEqual(["g.a[0]", "g.b[0]", "join"]);
    await scenario.check();
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("GR-1: the end of a group goes along with its members, so that what waits for the group sees them anew", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({
      "g/start": { startOf: "g" },
      "g.a": { gates: ["g/start"], in: "g" },
      "g/end": { after: ["g.a"], endOf: "g", groupRetries: { limit: 1, delay: { kind: "fixed", ms: 0 }, jitter: 0 } },
      next: { after: ["g/end"] },
    });
    await scenario.runOut();
    const { store } = scenario;
    const cleared = await store.clear({ run, tasks: [{ name: "g.a" }], actor: "anna", dryRun: true });
    expect(touched(cleared)).toEqual(["g.a", "g/end"]);
    const failed = await store.mark({ run, tasks: [{ name: "g" }], as: "failed", actor: "anna" });
    expect(failed).toMatchObject({ kind: "done", runs: [{ from: "success", to: "failed" }] });
    expect(await scenario.states(run)).toMatchObject({ "g.a": "failed", "g/end": "upstream_failed", next: "success" });
    const back = await store.mark({ run, tasks: [{ name: "g.a" }], as: "success", actor: "anna" });
    expect(back).toMatchObject({ kind: "done", runs: [{ from: "failed", to: "success" }] });
    expect(await scenario.states(run)).toMatchObject({ "g.a": "success", "g/end": "success" });
  });
}

async function ran(scenario: Scenario, tasks: PipelineSketch): Promise<RunId> {
  const run = await scenario.start(tasks);
  await scenario.runOut((task) => (task === "list" ? TWO : SUCCESS));
  expect(await scenario.runState(run)).toBe("success");
  return run;
}

function touched(result: ActionResult): readonly string[] {
  if (result.kind !== "done") return [result.message];
  return result.taskRuns.map(({ task, mapKey }) => (mapKey === "" ? task : `${task}[${mapKey}]`));
}
