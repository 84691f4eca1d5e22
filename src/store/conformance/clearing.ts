import { expect, test } from "vitest";
import type { RunId } from "../store.ts";
import { chain } from "./pipelines.ts";
import { FAILED, retrying, Scenario, SKIPPED, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const VALUE = { kind: "success", output: { kind: "inline", json: "1" } } as const;
const DAY_MS = 86_400_000;

export function testClearing(subject: Subject): void {
  test("ST-2: clearing a task run takes its queued and retrying dependants back; running and finished ones stay", async () => {
    await using scenario = await Scenario.begin(subject);
    const after = ["a"];
    const run = await scenario.start({ a: {}, hold: {}, r: { after }, done: { after }, go: { after }, q: { after } });
    const [a, hold] = await scenario.claim(2);
    await scenario.exchange([[a ?? fail(), VALUE]]);
    const [r, done] = await scenario.claim(3);
    await scenario.exchange([
      [r ?? fail(), retrying(60_000)],
      [done ?? fail(), SUCCESS],
    ]);
    const result = await scenario.store.clear({ run, tasks: [{ name: "a" }], actor: "anna" });
    expect(result).toEqual({
      kind: "done",
      runs: [],
      taskRuns: [
        { runId: run, task: "a", mapKey: "", from: "success", to: "queued" },
        { runId: run, task: "r", mapKey: "", from: "retrying", to: "scheduled" },
        { runId: run, task: "q", mapKey: "", from: "queued", to: "scheduled" },
      ],
      deadLetters: [],
    });
    expect(await scenario.states(run)).toEqual({
      ...{ a: "queued", hold: "running", r: "scheduled", done: "success", go: "running", q: "scheduled" },
    });
    expect(await scenario.taskRun(run, "a")).toMatchObject({ generation: 2, attempt: 0 });
    expect(await scenario.store.outputs(run, [0])).toEqual(new Map());
    expect(hold).toBeDefined();
  });

  test("ST-2: a finished run is running again with what was cleared, and what hangs on it where that was asked for", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ ...chain("a", "b", "c"), other: {} });
    await scenario.runOut();
    const alone = await scenario.store.clear({ run, tasks: [{ name: "b" }], actor: "anna", dryRun: true });
    expect(touched(alone)).toEqual(["b"]);
    const up = await scenario.store.clear({ run, tasks: [{ name: "b" }], upstream: true, actor: "anna", dryRun: true });
    expect(touched(up)).toEqual(["a", "b"]);
    expect(await scenario.runState(run)).toBe("success");
    const down = await scenario.store.clear({ run, tasks: [{ name: "b" }], downstream: true, actor: "anna" });
    expect(touched(down)).toEqual(["b", "c"]);
    expect(down).toMatchObject({ runs: [{ runId: run, from: "success", to: "running" }] });
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
    expect((await scenario.taskRun(run, "a")).generation).toBe(1);
  });

  test("RT-6: of what was named only what failed, when that is asked for", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ ...chain("a", "b", "c"), s: {} });
    await scenario.runOut((task) => (task === "b" ? FAILED : task === "s" ? SKIPPED : SUCCESS));
    const result = await scenario.store.clear({ run, tasks: [], onlyFailed: true, actor: "anna" });
    expect(touched(result)).toEqual(["b", "c"]);
    expect(await letters(scenario)).toEqual([["b", "replayed", "anna"]]);
    const nothing = { run, tasks: [{ name: "s" }], onlyFailed: true, actor: "anna" };
    expect(await scenario.store.clear(nothing)).toMatchObject({ kind: "refused" });
  });

  test("the past and the future are the newest whole run of every other interval, all cleared or none", async () => {
    await using scenario = await Scenario.begin(subject);
    const days: RunId[] = [];
    for (const [day, only] of [[1], [2], [2, [0]], [1], [3]] as const) {
      const interval = { start: day * DAY_MS, end: (day + 1) * DAY_MS };
      days.push(await scenario.start(chain("a", "b"), { interval, ...(only === undefined ? {} : { only }) }));
    }
    await scenario.start(chain("a", "b"), { pipeline: "another" });
    await scenario.runOut();
    const [first, second, , firstAgain, third] = days;
    const request = { run: second ?? "", tasks: [{ name: "b" }], actor: "anna" };
    const past = await scenario.store.clear({ ...request, past: true, dryRun: true });
    expect(runsOf(past)).toEqual([second, firstAgain]);
    const both = await scenario.store.clear({ ...request, past: true, future: true });
    expect(runsOf(both)).toEqual([second, firstAgain, third]);
    expect(await scenario.runState(first ?? "")).toBe("success");
    const [claim] = await scenario.claim(1);
    expect(claim?.runId).toBe(second);
    await scenario.end(claim === undefined ? [] : [claim], SUCCESS);
    // One of them is running again by now: none is touched.
    await scenario.claim(1);
    const refused = await scenario.store.clear({ ...request, past: true });
    expect(refused).toEqual({ kind: "refused", message: expect.stringContaining("b is running") });
    expect(await scenario.runState(second ?? "")).toBe("success");
  });

  test("I38: more runs than one action clears are counted, and none of them is cleared", async () => {
    await using scenario = await Scenario.begin(subject);
    const plan = await scenario.plan({ a: {} }, { spec: { maxRuns: 1_000 } });
    const days = Array.from({ length: 501 }, (_, day) => {
      return { ...plan, id: `day-${day}`, interval: { start: day * DAY_MS, end: (day + 1) * DAY_MS } };
    });
    await scenario.store.createRuns(days);
    await scenario.end(await scenario.claim(), SUCCESS);
    const request = { run: "day-250", tasks: [], past: true, future: true, actor: "anna" };
    for (const dryRun of [true, false]) {
      expect(await scenario.store.clear({ ...request, dryRun })).toEqual({
        kind: "refused",
        message: expect.stringMatching(/^That is 501 runs, and one action clears at most 500; .* batuta runs daily/),
      });
    }
    expect(await scenario.store.runs({ project: "shop", states: ["success"], limit: 1_000 })).toHaveLength(501);
    const some = await scenario.store.clear({ ...request, run: "day-499", past: false, dryRun: true });
    expect(runsOf(some)).toEqual(["day-499", "day-500"]);
    const most = await scenario.store.clear({ ...request, run: "day-1", past: false });
    expect(runsOf(most)).toEqual(days.slice(1).map(({ id }) => id));
  });

  test("SU-2: clearing work clears its set-ups and its tear-down with the junctions before it", async () => {
    await using scenario = await Scenario.begin(subject);
    const none = { execution: { via: "none", as: "gate" }, role: "teardown" } as const;
    const run = await scenario.start({
      setup: { role: "setup" },
      w1: { after: ["setup"] },
      w2: { after: ["w1"] },
      other: {},
      "drop/work": { after: ["setup", "w1", "w2"], when: "all_done", ...none },
      drop: { after: ["drop/work"], role: "teardown", cleanup: { setups: [0], work: [1, 2] } },
    });
    await scenario.runOut();
    const result = await scenario.store.clear({ run, tasks: [{ name: "w2" }], actor: "anna", dryRun: true });
    expect(touched(result)).toEqual(["setup", "w2", "drop/work", "drop"]);
    expect(
      touched(await scenario.store.clear({ run, tasks: [{ name: "other" }], actor: "anna", dryRun: true })),
    ).toEqual(["other"]);
  });

  test("GR-1: a group is cleared as one, and a stranger is refused by name", async () => {
    await using scenario = await Scenario.begin(subject);
    const groups = [
      { name: "load", location: { file: "p.ts", line: 1 } },
      { name: "load.inner", location: { file: "p.ts", line: 1 }, parent: 0 },
    ];
    const run = await scenario.start(
      { a: {}, "load.x": { group: 0 }, "load.inner.y": { group: 1 }, z: { after: ["load.x"] } },
      { spec: { groups } },
    );
    await scenario.runOut();
    const result = await scenario.store.clear({ run, tasks: [{ name: "load" }], actor: "anna", dryRun: true });
    expect(touched(result)).toEqual(["load.x", "load.inner.y"]);
    expect(await scenario.store.clear({ run, tasks: [{ name: "lod" }], actor: "anna" })).toMatchObject({
      kind: "refused",
      message: expect.stringContaining('no task or group "lod"'),
    });
  });

  test("what every clear asked for is in the audit of its runs, once for each", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    await scenario.runOut();
    await scenario.store.clear({ run, tasks: [{ name: "b" }], actor: "anna", dryRun: true });
    await scenario.store.clear({ run, tasks: [{ name: "a" }], downstream: true, actor: "anna" });
    const audit = await scenario.opened.rows("select actor, action, details from audit");
    expect(audit.map(({ details, ...row }) => ({ ...row, ...JSON.parse(String(details)) }))).toEqual([
      { actor: "anna", action: "clear", tasks: [{ name: "a" }], downstream: true, cleared: 2 },
    ]);
  });
}

function touched(result: Awaited<ReturnType<Scenario["store"]["clear"]>>): readonly string[] {
  return result.kind === "done" ? result.taskRuns.map(({ task }) => task) : [result.message];
}

function runsOf(result: Awaited<ReturnType<Scenario["store"]["clear"]>>): readonly RunId[] {
  return result.kind === "done" ? result.taskRuns.map(({ runId }) => runId) : [];
}

async function letters({ store }: Scenario) {
  const all = await store.deadLetters({ project: "shop", limit: 100 });
  return all.map(({ task, state, closedBy }) => [task, state, closedBy]);
}

function fail(): never {
  throw new Error("Nothing was claimed");
}
