import { expect, test } from "vitest";
import { define, errorOf, gatesOf, groupOf, taskOf, upstreamOf } from "./definition-for-tests.ts";
import { delays, fixed, type PipelineBuilder } from "./index.ts";

test("GR-1: a group has a name space of its own, in which names mean its members first", () => {
  const definition = define(({ task, group }) => {
    task("fetch", () => 1);
    task("check", () => 1);
    const load = group("load", { description: "Loads all", concurrency: 2 }, (inner) => {
      inner.task("fetch", () => 1);
      inner.task("store", { after: ["fetch", "check"] }, () => 1);
    });
    task("report", { after: [load, "load.fetch"] }, () => 1);
  });
  expect(upstreamOf(definition)).toEqual({
    fetch: "",
    check: "",
    "load.fetch": "",
    "load.store": "check load.fetch",
    report: "load.fetch load.store",
  });
  expect(definition.spec.groups).toEqual([
    { name: "load", location: expect.anything(), description: "Loads all", concurrency: 2 },
  ]);
  expect(taskOf(definition, "load.store").group).toBe(0);
  expect([...definition.functions.keys()]).toEqual(["fetch", "check", "load.fetch", "load.store", "report"]);
  expect(gatesOf(definition)).toEqual({});
});

test("GR-1: a group that waits has a start with its rule, which holds back all members", () => {
  const definition = define(({ task, group }) => {
    const extract = task("extract", () => 1);
    group("load", { after: [extract], when: "all_done" }, (inner) => {
      const first = inner.task("first", () => 1);
      inner.group("more", (deep) => void deep.task("second", { after: first }, () => 1));
      inner.group("last", { after: "more" }, (deep) => void deep.task("third", () => 1));
    });
  });
  expect(taskOf(definition, "load/start")).toMatchObject({
    execution: { via: "none", as: "gate" },
    when: "all_done",
    kind: "junction",
  });
  expect(taskOf(definition, "load/start")).not.toHaveProperty("group");
  expect(upstreamOf(definition)).toMatchObject({
    "load/start": "extract",
    "load.first": "",
    "load.more.second": "load.first",
    "load.last/start": "load.more.second",
    "load.last.third": "",
  });
  expect(gatesOf(definition)).toEqual({
    "load.first": "load/start",
    "load.more.second": "load/start",
    "load.last/start": "load/start",
    "load.last.third": "load.last/start",
  });
  expect(definition.spec.groups?.map(({ name, parent }) => [name, parent])).toEqual([
    ["load", undefined],
    ["load.more", 0],
    ["load.last", 0],
  ]);
  expect(definition.spec.tasks[groupOf(definition, "load").start ?? -1]?.name).toBe("load/start");
});

test("GR-1: what a group's function returns is there for the caller, and the function makes several groups", () => {
  function loadFrom(source: string) {
    return ({ task }: PipelineBuilder) => {
      const rows = task("rows", () => source.length);
      return { rows, doubled: task("doubled", { input: { rows } }, ({ input }) => input.rows * 2) };
    };
  }
  const definition = define(({ task, group }) => {
    const { rows, doubled } = group("eu", loadFrom("eu")).result;
    const us = group("us", { after: rows }, loadFrom("us"));
    task("sum", { input: { doubled, other: us.result.doubled } }, ({ input }) => input.doubled + input.other);
  });
  expect(upstreamOf(definition)).toMatchObject({ "us/start": "eu.rows", sum: "eu.doubled us.doubled" });
});

test("GR-1: with retries all that is outside waits for the end of the group, and its tear-downs are no part of it", () => {
  const definition = define(({ task, group }) => {
    const load = group("load", { retries: fixed({ limit: 2, delay: "1m", jitter: 0 }) }, (inner) => {
      const cluster = inner.task("cluster", { setup: true }, () => ({ id: 1 }));
      const rows = inner.task("rows", { after: cluster }, () => 1);
      inner.task("drop", { teardown: cluster, after: rows }, () => 1);
      return { rows };
    });
    task("direct", { input: { rows: load.result.rows } }, ({ input }) => input.rows);
    task("whole", { after: load }, () => 1);
  });
  expect(upstreamOf(definition)).toEqual({
    "load/start": "",
    "load.cluster": "",
    "load.rows": "load.cluster",
    "load.drop/setups": "load.cluster",
    "load.drop/work": "load.cluster load.rows",
    "load.drop": "load.drop/setups load.drop/work",
    "load/cleanup": "load.drop",
    "load/end": "load.cluster load.rows",
    direct: "load/end",
    whole: "load/end",
  });
  expect(gatesOf(definition)).toMatchObject({ "load/end": "load/start load/cleanup", "load.drop": "load/start" });
  expect(gatesOf(definition)).toMatchObject({ direct: "load.rows load/end" });
  expect(taskOf(definition, "load/end")).toMatchObject({
    execution: { via: "none", as: "summary" },
    when: "all_done",
  });
  expect(taskOf(definition, "load/cleanup")).toMatchObject({ role: "teardown", when: "all_done" });
  const { tasks } = definition.spec;
  expect(tasks[taskOf(definition, "direct").input.rows ?? -1]?.name).toBe("load.rows");
  const { start, end, cleanup, retries } = groupOf(definition, "load");
  expect([start, end, cleanup].map((index) => tasks[index ?? -1]?.name)).toEqual([
    "load/start",
    "load/end",
    "load/cleanup",
  ]);
  expect(retries).toEqual({ limit: 2, delay: { kind: "fixed", ms: 60_000 }, jitter: 0 });
});

test("GR-1: of a group within a group with retries the outer one sees the end of the inner one alone", () => {
  const definition = define(({ task, group }) => {
    const outer = group("outer", { retries: 1 }, (builder) => {
      const inner = builder.group("inner", { retries: 1 }, (deep) => void deep.task("a", () => 1));
      builder.task("b", { after: inner }, () => 1);
    });
    task("after", { after: outer }, () => 1);
    task("direct", { after: "outer.inner.a" }, () => 1);
  });
  expect(upstreamOf(definition)).toMatchObject({
    "outer.inner/end": "outer.inner.a",
    "outer.b": "outer.inner/end",
    "outer/end": "outer.inner/end outer.b",
    after: "outer/end",
    direct: "outer/end",
  });
});

test("groups that wait for each other are printed as a circle, without what stands between", () => {
  const error = errorOf(() =>
    define(({ group }) => {
      group("a", { after: "b" }, ({ task }) => void task("x", () => 1));
      group("b", { after: "a" }, ({ task }) => void task("y", () => 1));
    }),
  );
  expect(error.message).toBe("Tasks wait for each other in a circle: a.x → b → b.y → a → a.x.");
});

test.each<[string, (builder: PipelineBuilder) => void, RegExp, RegExp]>([
  ["an empty group", ({ group }) => void group("load", () => {}), /Group "load" has no task/, /inside the function/],
  [
    "a group with the name of a task",
    ({ task, group }) => {
      task("load", () => 1);
      group("load", (inner) => void inner.task("a", () => 1));
    },
    /A task and a group are called "load"; the first one is defined at .*groups\.test\.ts:\d+/,
    /another name/,
  ],
  [
    "a task with the name of a member",
    ({ task, group }) => {
      group("load", (inner) => void inner.task("a", () => 1));
      task("load.a", () => 1);
    },
    /Two tasks are called "load.a"/,
    /another name/,
  ],
  [
    "two groups of one name",
    ({ group }) => {
      group("load", ({ task }) => void task("a", () => 1));
      group("load", ({ task }) => void task("b", () => 1));
    },
    /Two groups are called "load"/,
    /another name/,
  ],
  [
    "a member that waits for its group",
    ({ group }) => void group("load", ({ task }) => void task("a", { after: "load" }, () => 1)),
    /Task "load.a" waits for group "load", which it is in/,
    /Name the members/,
  ],
  [
    "a name that nothing has",
    ({ group, task }) => {
      group("load", (inner) => void inner.task("fetch", () => 1));
      task("report", { after: "load.fecth" }, () => 1);
    },
    /Task "report" waits for "load.fecth"/,
    /Did you mean "load.fetch"\?/,
  ],
  [
    "a wrong rule",
    ({ group }) => void group("load", { when: "all_succes" as never }, ({ task }) => void task("a", () => 1)),
    /`when` of group "load"/,
    /all_success/,
  ],
  [
    "retries by a function",
    ({ group }) => {
      group("load", { retries: delays(() => "1s", { limit: 2 }) }, ({ task }) => void task("a", () => 1));
    },
    /`retries` of group "load" depend on the failure/,
    /without `retryOn` and functions/,
  ],
  [
    "no concurrency",
    ({ group }) => void group("load", { concurrency: 0 }, ({ task }) => void task("a", () => 1)),
    /`concurrency` of group "load" is 0/,
    /whole number from 1/,
  ],
  [
    "a group without a function",
    ({ group }) => void group("load", {} as never),
    /Group "load" has no function/,
    /Write group/,
  ],
  [
    "an asynchronous group",
    ({ group }) => void group("load", async ({ task }) => void task("a", () => 1)),
    /defines group "load" is asynchronous/,
    /Remove `async`/,
  ],
  [
    "a task defined after its group",
    ({ group }) => {
      let late: PipelineBuilder["task"] | undefined;
      group("load", ({ task }) => {
        late = task;
        task("a", () => 1);
      });
      late?.("b", () => 1);
    },
    /Task "b" is defined after group "load" was complete/,
    /inside the function given to group/,
  ],
])("%s is an error", (_, build, message, hint) => {
  const error = errorOf(() => define(build));
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
});
