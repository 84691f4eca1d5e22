import { expect, test } from "vitest";
import type { CompletionResult } from "../store.ts";
import type { PipelineSketch } from "./pipelines.ts";
import { FAILED, Scenario, SKIPPED, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

/** Mapping over values that are known only at run time (semantics, section 8). */
export function testMaps(subject: Subject): void {
  const map: PipelineSketch = {
    list: {},
    each: { after: ["list"], over: "list", map: { label: "name" } },
    join: { after: ["each"] },
  };
  const three = valued('[{"name":"eu"},{"name":"us"},{}]');

  test("DM-1: a map makes one task run per item once its source is there, and the join waits for all of them", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(map);
    await scenario.end(await scenario.claim(), three);
    expect(await places(scenario, run)).toEqual({
      ...{ list: "success", each: "success", "each[0]": "queued", "each[1]": "queued", "each[2]": "queued" },
      join: "scheduled",
    });
    expect(await scenario.store.run(run)).toMatchObject({ unfinished: 4 });
    const rows = await scenario.store.taskRuns(run, { taskIndexes: [1] });
    expect(rows.map(({ label, decision }) => label ?? decision)).toEqual([{ mapped: 3 }, "eu", "us", ""]);
    const claims = await scenario.claim();
    expect(claims.map(({ mapKey }) => mapKey)).toEqual(["0", "1", "2"]);
    await scenario.end(claims.slice(0, 2), SUCCESS);
    expect((await scenario.states(run)).join).toBe("scheduled");
    await scenario.end(claims.slice(2), SUCCESS);
    expect((await scenario.states(run)).join).toBe("queued");
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("TR-15: a mapped upstream counts each of its instances", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({
      ...map,
      any: { after: ["each"], when: "one_success" },
      alarm: { after: ["each"], when: "one_failed" },
      all: { after: ["each"], when: "all_failed" },
    });
    await scenario.end(await scenario.claim(), three);
    const claims = await scenario.claim();
    await scenario.end(claims.slice(0, 1), FAILED);
    expect(await scenario.states(run)).toMatchObject({ join: "upstream_failed", alarm: "queued", any: "scheduled" });
    await scenario.end(claims.slice(1, 2), SUCCESS);
    expect(await scenario.states(run)).toMatchObject({ any: "queued", all: "skipped" });
    expect((await scenario.taskRun(run, "any")).upstream).toMatchObject({ total: 3, success: 1, failed: 1 });
    await scenario.end(claims.slice(2), SUCCESS);
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("failed");
  });

  test.each([
    ["an empty list skips it", {}, valued("[]"), { each: "skipped", join: "skipped" }],
    [
      "or makes it a success when asked",
      { onEmpty: "success" as const },
      valued("[]"),
      { each: "success", join: "success" },
    ],
    ["a failed source: upstream_failed", {}, FAILED, { each: "upstream_failed", join: "upstream_failed" }],
    ["a skipped source: skipped", {}, SKIPPED, { each: "skipped", join: "skipped" }],
    ["no list: failed", {}, valued('{"no":"list"}'), { each: "failed", join: "upstream_failed" }],
    ["no value: failed", {}, SUCCESS, { each: "failed", join: "upstream_failed" }],
    ["more than the limit: failed", { limit: 2 }, valued("[1,2,3]"), { each: "failed", join: "upstream_failed" }],
  ])("DM-2: %s", async (_, settings, result, expected) => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ ...map, each: { ...map.each, map: settings } });
    await scenario.runOut((task) => (task === "list" ? result : SUCCESS));
    expect(await scenario.states(run)).toMatchObject(expected);
    const { failure, attempt } = await scenario.taskRun(run, "each");
    expect(attempt).toBe(0);
    if (expected.each === "failed") expect(failure?.message).toMatch(/list/);
  });

  test.each([
    ["skipped", SKIPPED],
    ["upstream_failed", FAILED],
  ])(
    "DM-2: whatever its rule, a map waits for its source, and over a value that is not there is %s",
    async (state, result) => {
      await using scenario = await Scenario.begin(subject);
      const run = await scenario.start({ ...map, each: { ...map.each, when: "always" } });
      expect((await scenario.states(run)).each).toBe("scheduled");
      await scenario.runOut((task) => (task === "list" ? result : SUCCESS));
      expect(await scenario.states(run)).toMatchObject({ each: state, join: state });
    },
  );

  test("DM-1: a map over items that are known beforehand is expanded with the run", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ each: { over: ["a", "b"], map: { label: "" } }, join: { after: ["each"] } });
    const rows = await scenario.store.taskRuns(run, { taskIndexes: [0] });
    expect(rows.map(({ mapKey, label, state }) => [mapKey, label, state])).toEqual([
      ["", undefined, "success"],
      ["0", "a", "queued"],
      ["1", "b", "queued"],
    ]);
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("DM-1: instances fail, are retried and lost each for itself", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(map);
    await scenario.end(await scenario.claim(), three);
    const [first, second, third] = await scenario.claim();
    if (first === undefined || second === undefined || third === undefined) throw new Error("Not expanded");
    await scenario.exchange([
      [first, { kind: "retrying", failure: { reason: "error", message: "Again." }, delayMs: 1_000 }],
      [second, { kind: "lost", failure: { reason: "lost", message: "Gone." } }],
      [third, FAILED],
    ]);
    expect(await places(scenario, run)).toMatchObject({
      "each[0]": "retrying",
      "each[1]": "queued",
      "each[2]": "failed",
    });
    scenario.clock.advance(1_000);
    await scenario.store.releaseRetries();
    await scenario.runOut();
    expect(await places(scenario, run)).toMatchObject({
      "each[0]": "success",
      "each[1]": "success",
      join: "upstream_failed",
    });
    const ofFirst = await scenario.store.attempts(run, 1, "0");
    expect(ofFirst.map(({ mapKey, outcome }) => [mapKey, outcome])).toEqual([
      ["0", "failed"],
      ["0", "success"],
    ]);
    expect(await scenario.store.attempts(run, 0, "")).toHaveLength(1);
    const letters = (await scenario.events(run)).filter(({ body }) => body.kind === "dead_letter");
    expect(letters).toMatchObject([{ body: { taskIndex: 1, mapKey: "2", state: "open" } }]);
  });

  const group: PipelineSketch = {
    list: {},
    "g/start": { startOf: "g", after: ["list"], over: "list" },
    "g.a": { in: "g", gates: ["g/start"] },
    "g.b": { in: "g", gates: ["g/start"], after: ["g.a"] },
    "g.c": { in: "g", gates: ["g/start"], after: ["g.a", "g.b"], when: "all_done" },
    join: { after: ["g.b", "g.c"], when: "all_done" },
  };

  test("TR-15, DM-3: within a mapped group only the matching index counts, and the join counts all", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(group);
    await scenario.end(await scenario.claim(), valued("[1,2]"));
    expect(await places(scenario, run)).toMatchObject({
      "g.a[0]": "queued",
      "g.a[1]": "queued",
      "g.b[0]": "scheduled",
    });
    const [first, second] = await scenario.claim();
    if (first === undefined || second === undefined) throw new Error("Not expanded");
    await scenario.end([first], FAILED);
    expect(await places(scenario, run)).toMatchObject({
      "g.b[0]": "upstream_failed",
      "g.c[0]": "queued",
      "g.b[1]": "scheduled",
    });
    await scenario.end([second], SUCCESS);
    expect(await places(scenario, run)).toMatchObject({ "g.b[1]": "queued", "g.c[1]": "scheduled", join: "scheduled" });
    await scenario.runOut();
    expect(await scenario.taskRun(run, "join")).toMatchObject({
      state: "success",
      upstream: { total: 4, success: 3, upstreamFailed: 1 },
    });
  });

  test("DM-3: a mapped group goes depth-first: an item comes to its end before the next one begins", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(group);
    await scenario.end(await scenario.claim(), valued("[1,2]"));
    const order: string[] = [];
    for (let [claim] = await scenario.claim(1); claim !== undefined; [claim] = await scenario.claim(1)) {
      order.push(`${scenario.nameOf(claim)}[${claim.mapKey}]`);
      scenario.clock.advance(1_000);
      await scenario.end([claim], SUCCESS);
    }
    expect(order).toEqual(["g.a[0]", "g.b[0]", "g.c[0]", "g.a[1]", "g.b[1]", "g.c[1]", "join[]"]);
  });

  test("GR-1, DM-3: a group within a mapped group that nothing holds back starts with its item, and is counted once", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({
      "each/start": { startOf: "each", over: ["a", "b"] },
      "each.in/start": { startOf: "each.in", in: "each", gates: ["each/start"] },
      "each.in.x": { in: "each.in", gates: ["each.in/start"] },
      last: { after: ["each.in.x"] },
    });
    expect(scenario.names(await scenario.claim())).toEqual(["each.in.x", "each.in.x"]);
    await scenario.runOut();
    expect(await scenario.states(run)).toMatchObject({ last: "scheduled" });
  });

  test("GR-1, DM-1: a mapped group is not expanded any more once the group around it is tried again", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({
      "g/start": { startOf: "g" },
      "g.a": { in: "g", gates: ["g/start"] },
      "g.b": { in: "g", gates: ["g/start"] },
      "g.each/start": { startOf: "g.each", in: "g", after: ["g.a"], when: "one_done", over: ["a", "b"] },
      "g.each.x": { in: "g.each", gates: ["g.each/start"] },
      "g/end": {
        after: ["g.a", "g.each.x", "g.b"],
        when: "all_done",
        endOf: "g",
        groupRetries: { limit: 1, delay: { kind: "fixed", ms: 0 }, jitter: 0 },
      },
    });
    await scenario.end(await scenario.claim(), FAILED);
    await scenario.check();
    expect(await scenario.states(run)).toMatchObject({ "g/start": "retrying", "g.each/start": "scheduled" });
    const events = (await scenario.events(run)).map(({ body }) => body);
    expect(events).not.toContainEqual(expect.objectContaining({ reason: "mapped" }));
  });

  test("DM-2: a mapped group over an empty list is skipped whole", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(group);
    await scenario.runOut((task) => (task === "list" ? valued("[]") : SUCCESS));
    expect(await scenario.states(run)).toMatchObject({
      "g/start": "skipped",
      "g.a": "skipped",
      "g.c": "skipped",
      join: "success",
    });
  });

  test("DM-1: maps nest, and task runs are named by index path", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({
      list: {},
      "g/start": { startOf: "g", after: ["list"], over: "list" },
      "g.files": { in: "g", gates: ["g/start"] },
      "g.load": { in: "g", gates: ["g/start"], after: ["g.files"], over: "g.files" },
      "g.sum": { in: "g", gates: ["g/start"], after: ["g.load"] },
      join: { after: ["g.sum"] },
    });
    await scenario.end(await scenario.claim(), valued("[1,2]"));
    const [first, second] = await scenario.claim();
    if (first === undefined || second === undefined) throw new Error("Not expanded");
    await scenario.end([first], valued('["x","y"]'));
    await scenario.end([second], valued("[]"));
    expect(await places(scenario, run)).toMatchObject({
      ...{ "g.load[0]": "success", "g.load[0.0]": "queued", "g.load[0.1]": "queued", "g.load[1]": "skipped" },
      ...{ "g.sum[0]": "scheduled", "g.sum[1]": "skipped", join: "scheduled" },
    });
    await scenario.runOut();
    expect(await places(scenario, run)).toMatchObject({
      "g.load[0.1]": "success",
      "g.sum[0]": "success",
      join: "skipped",
    });
    expect(await scenario.runState(run)).toBe("success");
  });

  test.each([
    ["more items add task runs", "[1,2,3,4]", ["success", "success", "success", "success"]],
    ["fewer remove the rest", "[1]", ["success", "removed", "removed"]],
    ["none remove all", "[]", ["removed", "removed", "removed"]],
  ])("DM-4: on a re-run %s", async (_, json, expected) => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(map);
    await scenario.runOut((task) => (task === "list" ? three : SUCCESS));
    await scenario.store.rerun(run, "all", "anna");
    await scenario.runOut((task) => (task === "list" ? valued(json) : SUCCESS));
    const rows = await scenario.store.taskRuns(run, { taskIndexes: [1] });
    expect(rows.filter(({ mapKey }) => mapKey !== "").map(({ state }) => state)).toEqual(expected);
    expect(await scenario.runState(run)).toBe("success");
  });

  test("DM-4: on a re-run without its source a map keeps its items and runs those that failed", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(map);
    await scenario.runOut((task, { mapKey }) => (task === "list" ? three : mapKey === "1" ? FAILED : SUCCESS));
    expect(await scenario.store.rerun(run, "failed", "anna")).toMatchObject({ taskRuns: 2 });
    expect(await places(scenario, run)).toMatchObject({ "each[0]": "success", "each[1]": "queued", join: "scheduled" });
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test.each([
    ["fails", FAILED, "upstream_failed"],
    ["gives no list", valued('"abc"'), "failed"],
  ])("DM-4, DM-2: items of a map go with it when its source %s on a re-run", async (_, result, each) => {
    await using scenario = await Scenario.begin(subject);
    const group: PipelineSketch = {
      "g/start": { after: ["list"], startOf: "g", over: "list" },
      "g.a": { gates: ["g/start"], in: "g" },
    };
    const run = await scenario.start({ ...map, ...group });
    await scenario.runOut((task) => (task === "list" ? three : SUCCESS));
    await scenario.store.rerun(run, "all", "anna");
    await scenario.runOut((task) => (task === "list" ? result : SUCCESS));
    expect(await places(scenario, run)).toMatchObject({
      ...{ each, "each[0]": "removed", "each[2]": "removed", join: "upstream_failed" },
      ...{ "g/start": each, "g.a": "upstream_failed", "g.a[0]": "removed", "g.a[2]": "removed" },
    });
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("DM-4: items that went with a map that was not expanded are back when it is", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(map);
    await scenario.runOut((task) => (task === "list" ? three : SUCCESS));
    for (const result of [FAILED, valued("{}"), three]) {
      await scenario.store.rerun(run, "all", "anna");
      await scenario.runOut((task) => (task === "list" ? result : SUCCESS));
    }
    const items = { "each[0]": "success", "each[1]": "success", "each[2]": "success" };
    expect(await places(scenario, run)).toMatchObject({ each: "success", ...items, join: "success" });
  });

  test("RS-7: a cancelled run expands nothing any more, and cancels every item", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ ...map, late: { after: ["list"], over: "list", when: "all_done" } });
    const claims = await scenario.claim();
    await scenario.store.cancelRun(run, "anna");
    await scenario.end(claims, three);
    expect(await places(scenario, run)).toEqual({
      list: "success",
      each: "cancelled",
      join: "cancelled",
      late: "cancelled",
    });
    const second = await scenario.start(map);
    await scenario.end(await scenario.claim(), three);
    await scenario.store.cancelRun(second, "anna");
    expect(await places(scenario, second)).toMatchObject({ "each[0]": "cancelled", join: "cancelled" });
    expect(await scenario.runState(second)).toBe("cancelled");
  });

  test("DM-3: task runs of items are found by their place, and their values read in portions", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(map);
    const value = (mapKey: string) => (mapKey === "2" ? SUCCESS : valued(`"${mapKey.repeat(100)}"`));
    await scenario.runOut((task, { mapKey }) => (task === "list" ? three : value(mapKey)));
    const { store } = scenario;
    const at = (path: string) => ({ index: 1, path });
    const rows = await store.taskRunsAt(run, [at("1"), at("0"), at("7"), at("2"), at("")]);
    expect(rows.map(({ mapKey }) => mapKey).sort()).toEqual(["", "0", "1", "2"]);
    expect(rows.find(({ mapKey }) => mapKey === "")).toMatchObject({ decision: { mapped: 3 } });
    expect(await store.taskRunsAt("unknown", [at("0")])).toEqual([]);
    const keyOf = (path: string) => rows.find(({ mapKey }) => mapKey === path)?.key ?? 0;
    const keys = ["1", "2", "0", ""].map(keyOf);
    const [one, zero] = ["1", "0"].map((path) => ({ kind: "inline", json: `"${path.repeat(100)}"` }));
    expect(await store.values(keys, 1_000)).toEqual([one, undefined, zero, undefined]);
    expect(await store.values(keys, 203)).toEqual([one, undefined]);
    expect(await store.values(keys, 1)).toEqual([one]);
    expect(await store.values([], 1)).toEqual([]);
  });

  test("DM-2: a map of 10,000 is expanded in one transaction and runs to its end", async () => {
    await using scenario = await Scenario.begin(subject);
    const size = 10_000;
    const run = await scenario.start({ ...map, each: { ...map.each, map: {} } });
    await scenario.end(await scenario.claim(), valued(JSON.stringify(Array.from({ length: size }, (_, item) => item))));
    expect(await scenario.store.run(run)).toMatchObject({ unfinished: size + 1 });
    await scenario.runOut();
    expect(await scenario.taskRun(run, "join")).toMatchObject({
      state: "success",
      upstream: { total: size, success: size },
    });
  });
}

async function places(scenario: Scenario, run: string): Promise<Readonly<Record<string, string>>> {
  const rows = await scenario.store.taskRuns(run);
  return Object.fromEntries(
    rows.map((row) => [`${scenario.nameOf(row)}${row.mapKey === "" ? "" : `[${row.mapKey}]`}`, row.state]),
  );
}

function valued(json: string): CompletionResult {
  return { kind: "success", output: { kind: "inline", json } };
}
