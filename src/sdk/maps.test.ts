import { expect, expectTypeOf, test } from "vitest";
import { define, errorOf, gatesOf, groupOf, taskOf, upstreamOf } from "./definition-for-tests.ts";
import type { GroupRef, Mapped, Outcome, PipelineBuilder, TaskRef } from "./index.ts";

interface File {
  readonly path: string;
  readonly at: Date;
}

declare const listed: { files(): Promise<File[]> };

test("DM-1: a mapped task waits for its source, which counts its items", () => {
  const definition = define(({ task }) => {
    const files = task("files", () => listed.files());
    const sizes = task("size", { map: files, label: "path", maxParallel: 4, onEmpty: "success" }, ({ item, index }) => {
      expectTypeOf(item).toEqualTypeOf<{ readonly path: string; readonly at: string }>();
      expectTypeOf(index).toEqualTypeOf<number>();
      return item.path.length;
    });
    expectTypeOf(sizes).toEqualTypeOf<TaskRef<Mapped<number>>>();
    task("sum", { input: { sizes } }, async ({ input }) => {
      expectTypeOf(input.sizes).toEqualTypeOf<Mapped<number>>();
      expectTypeOf(await input.sizes.toArray()).toEqualTypeOf<number[]>();
      return input.sizes.length;
    });
    task("report", { input: { sizes }, when: "all_done" }, async ({ input }) => {
      expectTypeOf(input.sizes).toEqualTypeOf<Mapped<Outcome<number>>>();
      return input.sizes.length;
    });
  });
  expect(upstreamOf(definition)).toEqual({ files: "", size: "files", sum: "size", report: "size" });
  expect(taskOf(definition, "files").isMapSource).toBe(true);
  expect(taskOf(definition, "size").map).toEqual({
    over: { kind: "task", index: 0 },
    label: "path",
    maxParallel: 4,
    onEmpty: "success",
    limit: 100_000,
  });
  expect(taskOf(definition, "sum")).not.toHaveProperty("isMapSource");
});

test("DM-1: a list that is known is kept as JSON", () => {
  const definition = define(({ task }) => {
    task("load", { map: [new Date(0)], mapLimit: 1_000_000, doneWhen: ({ item }) => item === "" }, ({ item }) => {
      expectTypeOf(item).toEqualTypeOf<string>();
      return item;
    });
    task("nothing", { map: [] }, () => 1);
  });
  const map = { over: { kind: "items", items: ["1970-01-01T00:00:00.000Z"] }, limit: 1_000_000 };
  expect(taskOf(definition, "load").map).toEqual(map);
  expect(taskOf(definition, "load").upstream).toEqual([]);
});

test("DM-3: a mapped group waits at its start for all that its members take from outside", () => {
  const definition = define(({ task, group }) => {
    const files = task("files", () => ["a", "b"]);
    const rates = task("rates", () => 1.5);
    const ready = task("ready", () => true);
    const each = group("each", { map: files, maxParallel: 2, label: "name" }, (inner) => {
      const rows = inner.task("rows", { input: { rates } }, ({ item, input }) => {
        expectTypeOf(item).toEqualTypeOf<string>();
        return item.length * input.rates;
      });
      const store = inner.task("store", { input: { rows }, after: ready }, ({ input }) => {
        expectTypeOf(input.rows).toEqualTypeOf<number>();
        return { stored: input.rows };
      });
      return { store };
    });
    expectTypeOf(each).toEqualTypeOf<GroupRef<{ readonly store: TaskRef<Mapped<{ stored: number }>> }>>();
    task("report", { input: { stored: each.result.store } }, async ({ input }) => input.stored.length);
    task("whole", { after: each }, () => 1);
  });
  expect(upstreamOf(definition)).toEqual({
    files: "",
    rates: "",
    ready: "",
    "each/start": "files rates ready",
    "each.rows": "",
    "each.store": "each.rows",
    report: "each.store",
    whole: "each.store",
  });
  expect(gatesOf(definition)).toEqual({ "each/start": "files", "each.rows": "each/start", "each.store": "each/start" });
  expect(taskOf(definition, "each.rows").input).toEqual({ rates: 1 });
  expect(groupOf(definition, "each")).toMatchObject({
    start: 3,
    map: { over: { kind: "task", index: 0 }, maxParallel: 2, label: "name", limit: 100_000 },
  });
});

test("maps nest: a mapped task or group in a mapped group goes over what its own copy gives", () => {
  const definition = define(({ task, group }) => {
    const regions = task("regions", () => [["a"], ["b", "c"]]);
    const rate = task("rate", () => 2);
    const each = group("each", { map: regions }, (inner) => {
      const shops = inner.task("shops", ({ item }) => item);
      const loads = inner.task("load", { map: shops }, ({ item }) => {
        expectTypeOf(item).toEqualTypeOf<string>();
        return item.length;
      });
      const deep = inner.group("deep", { map: shops, after: loads }, (deepest) => {
        return { copy: deepest.task("copy", { input: { rate } }, ({ item }) => item) };
      });
      expectTypeOf(deep.result.copy).toEqualTypeOf<TaskRef<Mapped<string>>>();
      return { loads, copy: deep.result.copy };
    });
    task("sum", { input: { loads: each.result.loads } }, ({ input }) => {
      expectTypeOf(input.loads).toEqualTypeOf<Mapped<Mapped<number>>>();
      return input.loads.length;
    });
  });
  expect(upstreamOf(definition)).toEqual({
    regions: "",
    rate: "",
    "each/start": "regions rate",
    "each.shops": "",
    "each.load": "each.shops",
    "each.deep/start": "each.shops each.load",
    "each.deep.copy": "",
    sum: "each.load",
  });
  expect(gatesOf(definition)).toMatchObject({
    "each.deep/start": "each/start each.shops",
    "each.deep.copy": "each.deep/start",
  });
  expect(taskOf(definition, "each.shops").isMapSource).toBe(true);
});

test("SK-3: a short circuit before a mapped group stops it at its start", () => {
  const definition = define(({ task, group, shortCircuit }) => {
    const open = shortCircuit("open", () => true);
    const each = group("each", { map: [1, 2] }, (inner) => void inner.task("a", { after: open }, () => 1));
    task("after", { after: each }, () => 1);
  });
  expect(gatesOf(definition)).toEqual({ "each/start": "open", "each.a": "each/start", after: "open" });
});

test.each<[string, (builder: PipelineBuilder) => void, RegExp, RegExp]>([
  [
    "a map over what is no list",
    ({ task }) => void task("load", { map: "files" as never }, () => 1),
    /`map` of task "load" is "files", no list/,
    /map: \["eu", "us"\]/,
  ],
  [
    "a map over what is defined later",
    ({ task }) => void task("load", { map: undefined, label: "name" }, () => 1),
    /`label` of task "load" says something of a map, but there is no `map`/,
    /Write map: files/,
  ],
  [
    "no parallelism",
    ({ task }) => void task("load", { map: [1], maxParallel: 0 }, () => 1),
    /`maxParallel` of task "load" is 0/,
    /from 1/,
  ],
  [
    "less than none in parallel",
    ({ group }) => void group("g", { map: [1], maxParallel: -1 }, ({ task }) => void task("a", () => 1)),
    /`maxParallel` of group "g" is -1/,
    /from 1/,
  ],
  [
    "a limit of nothing",
    ({ task }) => void task("load", { map: [1], mapLimit: -5 }, () => 1),
    /`mapLimit` of task "load" is -5/,
    /from 1 to 1000000/,
  ],
  [
    "a limit that is too high",
    ({ task }) => void task("load", { map: [1], mapLimit: 1_000_001 }, () => 1),
    /`mapLimit` of task "load" is 1000001/,
    /from 1 to 1000000/,
  ],
  [
    "more items than the limit",
    ({ task }) => void task("load", { map: [1, 2, 3], mapLimit: 2 }, () => 1),
    /has 3 items; 2 are allowed/,
    /Raise mapLimit/,
  ],
  [
    "items that cannot be kept",
    ({ task }) => void task("load", { map: [1n] }, () => 1),
    /`map` of task "load" cannot be kept: \$\[0\] is a BigInt/,
    /./,
  ],
  [
    "a label that is no path",
    ({ task }) => void task("load", { map: [1], label: "a b" }, () => 1),
    /`label` of task "load" is "a b"/,
    /customer.name/,
  ],
  [
    "a wrong onEmpty",
    ({ task }) => void task("load", { map: [1], onEmpty: "fail" as never }, () => 1),
    /`onEmpty` of task "load" is "fail"/,
    /onEmpty: "success"/,
  ],
  [
    "a map over a mapped task",
    ({ task }) => {
      const one = task("one", { map: [1] }, () => [1]);
      task("two", { map: one as never }, () => 1);
    },
    /`map` of task "two" goes over "one", which is mapped itself/,
    /Gather the lists first/,
  ],
  [
    "a map over a member of a mapped group",
    ({ task, group }) => {
      const each = group("each", { map: [1] }, (inner) => ({ one: inner.task("one", () => [1]) }));
      task("two", { map: each.result.one as never }, () => 1);
    },
    /goes over "each.one", which is one of many in mapped group "each"/,
    /Gather the lists first/,
  ],
  [
    "an input that a mapped group may start without",
    ({ task, group }) => {
      const a = task("a", () => 1);
      group("each", { map: [1], when: "all_done" }, (inner) => void inner.task("b", { input: { a } }, () => 1));
    },
    /"each.b" takes the value of "a", but mapped group "each" may start without it, by its rule all_done/,
    /Take the value in a task before the group/,
  ],
  [
    "a rule of a member that looks outside of its mapped group",
    ({ task, group }) => {
      const a = task("a", () => 1);
      group("each", { map: [1] }, (inner) => void inner.task("b", { after: a, when: "all_done" }, () => 1));
    },
    /"each.b" has the rule all_done and waits for "a" outside of mapped group "each"/,
    /when: "all_done" in the options of group "each"/,
  ],
])("%s is an error", (_, build, message, hint) => {
  const error = errorOf(() => define(build));
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
});
