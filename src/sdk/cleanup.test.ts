import { expect, test } from "vitest";
import { define, errorOf, gatesOf, taskOf, upstreamOf } from "./definition-for-tests.ts";
import type { PipelineBuilder } from "./index.ts";

test("SU-1, SU-2: a tear-down hangs on its set-ups and on all work between, and the set-up is a gate of that work", () => {
  const definition = define(({ task }) => {
    const cluster = task("cluster", { setup: true }, () => ({ id: "c" }));
    const first = task("first", { input: { cluster } }, ({ input }) => input.cluster.id);
    const second = task("second", { after: first, when: "all_done" }, () => 1);
    task("aside", { after: first }, () => 1);
    const other = task("other", () => 1);
    task(
      "drop",
      { teardown: cluster, input: { cluster }, after: [second, other] },
      ({ input }) => `drop ${input.cluster.id}`,
    );
  });
  expect(upstreamOf(definition)).toEqual({
    cluster: "",
    first: "cluster",
    second: "first",
    aside: "first",
    other: "",
    "drop/setups": "cluster",
    "drop/work": "cluster first second other",
    drop: "drop/setups drop/work",
  });
  expect(gatesOf(definition)).toEqual({ first: "cluster", second: "cluster" });
  const { tasks } = definition.spec;
  const drop = taskOf(definition, "drop");
  expect(drop).toMatchObject({ role: "teardown", allowFailure: true, when: "all_success", input: { cluster: 0 } });
  expect(drop.cleanup?.setups.map((index) => tasks[index]?.name)).toEqual(["cluster"]);
  expect(drop.cleanup?.work.map((index) => tasks[index]?.name)).toEqual(["first", "second"]);
  expect(taskOf(definition, "cluster").role).toBe("setup");
  expect(taskOf(definition, "drop/setups")).toMatchObject({ when: "one_success", role: "teardown" });
  expect(taskOf(definition, "drop/work")).toMatchObject({ when: "all_done", role: "teardown" });
});

test("SU-1: with several set-ups each is a gate of what hangs on it alone", () => {
  const definition = define(({ task }) => {
    const cluster = task("cluster", { setup: true }, () => 1);
    const bucket = task("bucket", { setup: true }, () => 1);
    const one = task("one", { after: cluster }, () => 1);
    const both = task("both", { after: [one, bucket] }, () => 1);
    task("drop", { teardown: ["cluster", bucket], after: both, allowFailure: false }, () => 1);
  });
  expect(gatesOf(definition)).toEqual({ one: "cluster", both: "cluster bucket" });
  expect(upstreamOf(definition)["drop/setups"]).toBe("cluster bucket");
  expect(taskOf(definition, "drop").allowFailure).toBe(false);
});

test("SU-1: the scope of a tear-down reaches through groups, and waits for their end when they have retries", () => {
  const definition = define(({ task, group }) => {
    const cluster = task("cluster", { setup: true }, () => 1);
    const load = group("load", { after: cluster, retries: 1 }, (inner) => {
      const rows = inner.task("rows", () => 1);
      inner.task("more", { after: rows }, () => 1);
    });
    task("drop", { teardown: cluster, after: load }, () => 1);
  });
  expect(upstreamOf(definition)["drop/work"]).toBe("cluster load/end");
  expect(gatesOf(definition)).toEqual({
    "load/start": "cluster",
    "load.rows": "cluster load/start",
    "load.more": "cluster load/start",
    "load/end": "load/start",
  });
  const { cleanup } = taskOf(definition, "drop");
  expect(cleanup?.work.map((index) => definition.spec.tasks[index]?.name)).toEqual(["load.rows", "load.more"]);
});

test("SU-1: in a mapped group each copy has its own set-up and tear-down", () => {
  const definition = define(({ task, group }) => {
    const files = task("files", () => ["a", "b"]);
    group("each", { map: files }, (inner) => {
      const folder = inner.task("folder", { setup: true }, ({ item }) => item);
      const load = inner.task("load", { input: { folder } }, ({ input }) => input.folder);
      inner.task("drop", { teardown: folder, after: load }, () => 1);
    });
  });
  expect(taskOf(definition, "each.drop/work").group).toBe(0);
  expect(gatesOf(definition)).toMatchObject({ "each.load": "each/start each.folder", "each.drop": "each/start" });
});

test("a tear-down within the scope of another is work of it, without a gate", () => {
  const definition = define(({ task }) => {
    const outer = task("outer", { setup: true }, () => 1);
    const inner = task("inner", { setup: true, after: outer }, () => 1);
    const work = task("work", { after: inner }, () => 1);
    const dropInner = task("drop_inner", { teardown: inner, after: work }, () => 1);
    task("drop_outer", { teardown: outer, after: dropInner }, () => 1);
  });
  expect(upstreamOf(definition)["drop_outer/work"]).toBe("outer inner work drop_inner");
  expect(gatesOf(definition)).toEqual({ inner: "outer", work: "outer inner" });
});

test.each<[string, (builder: PipelineBuilder) => void, RegExp, RegExp]>([
  [
    "a tear-down without a set-up",
    ({ task }) => void task("drop", { teardown: [] }, () => 1),
    /`teardown` of task "drop" names no set-up/,
    /setup: true/,
  ],
  [
    "a tear-down whose set-up is none",
    ({ task }) => {
      const cluster = task("cluster", () => 1);
      task("drop", { teardown: cluster, after: cluster }, () => 1);
    },
    /names "cluster" as its set-up, which is none/,
    /Write setup: true in the options of "cluster"/,
  ],
  [
    "a set-up that does not exist",
    ({ task }) => void task("drop", { teardown: "clustre" }, () => 1),
    /waits for "clustre"/,
    /Define it/,
  ],
  [
    "no work between set-up and tear-down",
    ({ task }) => {
      const cluster = task("cluster", { setup: true }, () => 1);
      const work = task("work", () => 1);
      task("drop", { teardown: cluster, after: work }, () => 1);
    },
    /no work between set-up "cluster" and its tear-down "drop"/,
    /after: \["cluster"\]/,
  ],
  [
    "a set-up that is a tear-down",
    ({ task }) => void task("drop", { teardown: "cluster", setup: true }, () => 1),
    /a set-up and a tear-down at once/,
    /two tasks/,
  ],
  [
    "a tear-down with a rule",
    ({ task }) => void task("drop", { teardown: "cluster", when: "all_done" }, () => 1),
    /is a tear-down and has a trigger rule/,
    /Leave `when` away/,
  ],
  [
    "a mapped set-up",
    ({ task }) => void task("cluster", { setup: true, map: [1] }, () => 1),
    /is a set-up with a `map`/,
    /Map the group around/,
  ],
  [
    "a tear-down outside of the mapped group of its set-up",
    ({ task, group }) => {
      const each = group("each", { map: [1] }, (inner) => {
        const cluster = inner.task("cluster", { setup: true }, () => 1);
        inner.task("work", { after: cluster }, () => 1);
      });
      task("drop", { teardown: "each.cluster", after: each }, () => 1);
    },
    /not in the same mapped group/,
    /Define both in the same group/,
  ],
  [
    "a tear-down that takes the value of its work",
    ({ task }) => {
      const cluster = task("cluster", { setup: true }, () => 1);
      const work = task("work", { after: cluster }, () => 1);
      task("drop", { teardown: cluster, input: { work } }, () => 1);
    },
    /Input `work` of tear-down "drop" comes from no set-up/,
    /Take from its set-ups/,
  ],
])("%s is an error", (_, build, message, hint) => {
  const error = errorOf(() => define(build));
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
});
