import { expect, test } from "vitest";
import { contextForTests } from "../tasks/context-for-tests.ts";
import { define, errorOf, gatesOf, taskOf, upstreamOf } from "./definition-for-tests.ts";
import type { PipelineBuilder, TaskRef } from "./index.ts";

test("SK-1: a branch is a gate of its direct dependants and of nothing else", () => {
  const definition = define(({ task, branch, group }) => {
    const extract = task("extract", () => 1);
    const choose = branch("choose", { input: { extract } }, ({ input }) => (input.extract > 1 ? "bulk" : "load"));
    const bulk = task("bulk", { after: choose }, () => 1);
    const load = group("load", { after: choose }, (inner) => void inner.task("rows", () => 1));
    task("publish", { after: [bulk, load], when: "none_failed_min_one_success" }, () => 1);
  });
  expect(taskOf(definition, "choose")).toMatchObject({ decides: "branch", kind: "function" });
  expect(upstreamOf(definition)).toEqual({
    extract: "",
    choose: "extract",
    bulk: "choose",
    "load/start": "choose",
    "load.rows": "",
    publish: "bulk load.rows",
  });
  expect(gatesOf(definition)).toEqual({ bulk: "choose", "load/start": "choose", "load.rows": "load/start" });
});

test("SK-1: a branch gives names, of what `task` returned as well; nothing chosen is null", async () => {
  const definition = define(({ task, branch }) => {
    const bulk: TaskRef = task("bulk", { after: ["one", "several", "none"] }, () => 1);
    const rows: TaskRef = task("rows", { after: ["one", "several", "none"] }, () => 1);
    branch("one", () => bulk);
    branch("several", async () => [bulk, "rows", rows]);
    branch("none", () => undefined);
  });
  const choose = (name: string): unknown => definition.functions.get(name)?.run?.(contextForTests());
  expect(await choose("one")).toBe("bulk");
  expect(await choose("several")).toEqual(["bulk", "rows", "rows"]);
  expect(await choose("none")).toBeNull();
});

test("SK-3: a short circuit is a gate of all its descendants, tear-downs and what they wait for excepted", () => {
  const definition = define(({ task, shortCircuit, group }) => {
    const open = shortCircuit("open", () => true);
    const first = task("first", { after: open }, () => 1);
    const cluster = task("cluster", { after: first, setup: true }, () => 1);
    const load = group("load", { after: cluster }, (inner) => void inner.task("rows", () => 1));
    const drop = task("drop", { teardown: cluster, after: load }, () => 1);
    task("notify", { after: drop, when: "all_done" }, () => 1);
    task("apart", () => 1);
  });
  expect(taskOf(definition, "open").decides).toBe("short_circuit");
  expect(gatesOf(definition)).toEqual({
    first: "open",
    cluster: "open",
    "load/start": "open cluster",
    "load.rows": "open cluster load/start",
    notify: "open",
  });
});

test("a short circuit in a group with retries stops the rest of that group", () => {
  const definition = define(({ task, group }) => {
    const load = group("load", { retries: 1 }, (inner) => {
      const fresh = inner.shortCircuit("fresh", () => false);
      inner.task("rows", { after: fresh }, () => 1);
    });
    task("report", { after: load }, () => 1);
  });
  expect(gatesOf(definition)).toEqual({
    "load.fresh": "load/start",
    "load.rows": "load/start load.fresh",
    "load/end": "load/start",
  });
});

test.each<[string, (builder: PipelineBuilder) => void, RegExp, RegExp]>([
  [
    "a branch that nothing waits for",
    ({ branch }) => void branch("choose", () => "a"),
    /Branch "choose" has nothing to choose/,
    /after: "choose"/,
  ],
  [
    "a mapped branch",
    ({ branch }) => void branch("choose", { map: [1] } as never, () => "a"),
    /Unknown option `map` of branch "choose"/,
    /Map the group around/,
  ],
  [
    "a branch of a mapped group that decides outside of it",
    ({ task, group }) => {
      const each = group("each", { map: [1] }, ({ branch, task: inner }) => {
        const choose = branch("choose", () => "a");
        inner("a", { after: choose }, () => 1);
        return { choose };
      });
      task("outside", { after: "each.choose" }, () => 1);
      expect(each.name).toBe("each");
    },
    /"outside" hangs on "each.choose", which decides for tasks of mapped group "each" only/,
    /after: \["each"\]/,
  ],
  [
    "a branch outside that decides for a member of a mapped group",
    ({ branch, group }) => {
      const choose = branch("choose", () => "each");
      group("each", { map: [1] }, ({ task }) => void task("a", { after: choose }, () => 1));
    },
    /"each.a" hangs on branch "choose" alone/,
    /group\("each", { after: … }/,
  ],
])("%s is an error", (_, build, message, hint) => {
  const error = errorOf(() => define(build));
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
});
