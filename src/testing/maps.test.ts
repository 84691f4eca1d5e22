import { expect, test } from "vitest";
import { systemClock } from "../ports/clock.ts";
import { type Mapped, type Outcome, pipeline } from "../sdk/index.ts";
import { shell } from "../tasks/index.ts";
import { fails, returns, runPipeline } from "./index.ts";

interface File {
  readonly name: string;
  readonly bytes: number;
}

const FILES: readonly File[] = [
  { name: "a", bytes: 3 },
  { name: "bb", bytes: 5 },
  { name: "c", bytes: 7 },
];

const sizes = pipeline("sizes", ({ task }) => {
  const files = task("files", (): File[] => [...FILES]);
  const size = task("size", { map: files, label: "name", retries: 2 }, ({ item, index, log, task: { mapKey } }) => {
    log.info(`item ${mapKey} of ${item.name}`);
    return `${index}: ${item.bytes}`;
  });
  task("join", { input: { size } }, async ({ input }) => {
    const seen: string[] = [];
    for await (const one of input.size) seen.push(one);
    return { length: input.size.length, seen, all: await input.size.toArray() };
  });
  task("report", { input: { size }, when: "all_done" }, ({ input }) => outcomesOf(input.size));
});

test("DM-1, DM-3: a mapped task runs for each item, and its join sees the results in their order", async () => {
  const run = await runPipeline(sizes);
  const all = ["0: 3", "1: 5", "2: 7"];
  run.succeeded().states({ size: "success", "size[2]": "success" });
  run.task("join").returned({ length: 3, seen: all, all });
  run.task("size").mapped(3).mapped({ success: 3 }).returned(all);
  run.task("size", 1).returned("1: 5").logged("item 1 of bb");
  expect(run.task("size").items.map(({ facts }) => facts.label)).toEqual(["a", "bb", "c"]);
  expect(() => run.task("size", 3)).toThrow('has no task "size[3]". It has: files, size[…], join, report.');
});

test("TR-15: a join under another rule sees how each task run of the map has ended", async () => {
  const run = await runPipeline(sizes, {
    stubs: { size: ({ index, item }: { index?: number; item?: unknown }) => (index === 1 ? broken(item) : "fine") },
  });
  run.failed().states({ "size[0]": "success", "size[1]": "failed", size: "failed", join: "upstream_failed" });
  run.task("size").mapped({ success: 2, failed: 1 });
  run.task("size", 1).failed("bb is broken").attempts(3);
  run.task("report").returned([{ state: "success", value: "fine" }, "failed", { state: "success", value: "fine" }]);
  expect(() => run.succeeded()).toThrow(
    /size {2}failed, 3 task runs.*\n.*size\[1\] bb {2}failed, 3 attempts: bb is broken/,
  );
});

test("RT-1: each item has retries of its own", async () => {
  const run = await runPipeline(sizes, { stubs: { size: fails("down").times(1).followedBy(returns(1)) } });
  run.succeeded();
  for (const item of run.task("size").items) item.attempts(2);
});

test("DM-2: an empty list skips, or succeeds with onEmpty; what is no list fails with a hint", async () => {
  const run = await runPipeline(sizes, { stubs: { files: returns([]) } });
  run.succeeded().states({ size: "skipped", join: "skipped" }).task("report").returned([]);
  const empty = pipeline("empty", ({ task }) => {
    const each = task("each", { map: [], onEmpty: "success" }, () => 1);
    task("join", { input: { each } }, async ({ input }) => ({
      count: input.each.length,
      all: await input.each.toArray(),
    }));
  });
  (await runPipeline(empty)).succeeded().task("join").returned({ count: 0, all: [] });
  const wrong = await runPipeline(sizes, { stubs: { files: returns({ no: "list" }) } });
  wrong.failed().task("size").failed("goes over the value of files, which is no list").attempts(0);
  wrong.task("report").returned(["failed"]);
});

test("DM-2: a list that is too long fails the mapped task", async () => {
  const few = pipeline("few", ({ task }) => {
    const list = task("list", () => [1, 2, 3]);
    task("each", { map: list, mapLimit: 2 }, () => 1);
  });
  (await runPipeline(few)).failed().task("each").failed("The list has 3 items, and the map takes at most 2.");
});

test("DM-2: unless it says more, a map takes 100,000 items, and none of one more", async () => {
  const many = pipeline("many", ({ task }) => {
    const list = task("list", () => Array.from({ length: 100_001 }, (_, index) => index));
    task("each", { map: list }, () => 1);
  });
  const run = await runPipeline(many);
  run.failed().task("each").failed("The list has 100001 items, and the map takes at most 100000.");
});

test("DM-3: members of a mapped group see their own index's upstream, and what is outside of the group", async () => {
  const loads = pipeline("loads", ({ task, group }) => {
    const rate = task("rate", () => 10);
    const files = task("files", () => [3, 5]);
    const each = group("each", { map: files }, (inner) => {
      const rows = inner.task("rows", { input: { rate } }, ({ item, index, input }) => item * input.rate + index);
      const loaded = inner.task("load", { input: { rows, rate } }, ({ item, input }) => [item, input.rows, input.rate]);
      return { loaded };
    });
    task("join", { input: { loaded: each.result.loaded } }, ({ input }) => input.loaded.toArray());
  });
  const run = await runPipeline(loads);
  run
    .succeeded()
    .task("join")
    .returned([
      [3, 30, 10],
      [5, 51, 10],
    ]);
  run.task("each.load[1]").returned([5, 51, 10]);
});

test("DM-3: within a mapped group another rule sees the outcome of its own index alone", async () => {
  const loads = pipeline("loads", ({ task, group }) => {
    const each = group("each", { map: ["eu", "us"] }, (inner) => {
      const rows = inner.task("rows", ({ item }) => (item === "eu" ? broken({ name: item }) : item.length));
      const told = inner.task("tell", { input: { rows }, when: "all_done" }, ({ input }) => input.rows);
      return { told };
    });
    task("join", { input: { told: each.result.told }, when: "all_done" }, ({ input }) => outcomesOf(input.told));
  });
  const run = await runPipeline(loads);
  run.task("each.tell").returned([{ state: "failed" }, { state: "success", value: 2 }]);
  run.task("join").returned([
    { state: "success", value: { state: "failed" } },
    { state: "success", value: { state: "success", value: 2 } },
  ]);
});

test("DM-1: maps nest; the innermost item is the task's own, and a join reads lists of lists as often as it likes", async () => {
  const nested = pipeline("nested", ({ task, group }) => {
    const regions = task("regions", () => [["a"], [], ["b", "cc"]]);
    const each = group("each", { map: regions }, (inner) => {
      const shops = inner.task("shops", ({ item }) => item);
      const load = inner.task("load", { map: shops }, ({ item, index }) => `${index}${item}`);
      const sum = inner.task("sum", { input: { load }, when: "none_failed" }, async ({ input }) =>
        outcomesOf(input.load),
      );
      return { load, sum };
    });
    task(
      "join",
      { input: { load: each.result.load, sum: each.result.sum }, when: "none_failed" },
      async ({ input }) => {
        const lists = await input.load.toArray();
        const inners: unknown[] = [];
        for (const list of lists.toReversed()) inners.push(await outcomesOf(list));
        return { lengths: lists.map(({ length }) => length), inners, sums: await outcomesOf(input.sum) };
      },
    );
  });
  const run = await runPipeline(nested);
  run.succeeded().states({ "each.load[0.0]": "success", "each.load[1]": "skipped", "each.load[2.1]": "success" });
  const of = (value: string) => ({ state: "success", value });
  run.task("join").returned({
    lengths: [1, 0, 2],
    inners: [[of("0b"), of("1cc")], [], [of("0a")]],
    sums: [[of("0a")], [], [of("0b"), of("1cc")]].map((value) => ({ state: "success", value })),
  });
});

test("SK-3, RT-7: runIf and doneWhen are asked for each item", async () => {
  const some = pipeline("some", ({ task }) => {
    const options = {
      runIf: ({ item }: { item: number }) => item > 1,
      doneWhen: ({ index }: { index: number }) => index === 2,
    };
    task("each", { map: [1, 2, 3], ...options }, ({ item }) => item);
  });
  const run = await runPipeline(some);
  run.succeeded().states({ "each[0]": "skipped", "each[1]": "success" });
  expect(run.task("each", 2).facts.reason).toBe("done_when");
  run.task("each").mapped({ skipped: 1, success: 2 });
});

test("DM-1: the item is part of the key of the result cache, and all that a map has given is a visible miss", async () => {
  const cached = pipeline("cached", ({ task }) => {
    const same = task(
      "each",
      { map: ["a", "b", "a"], cache: true, maxParallel: 1 },
      ({ item, index }) => `${item}${index}`,
    );
    task("join", { input: { same }, cache: true }, ({ input }) => input.same.toArray());
  });
  const run = await runPipeline(cached);
  run.succeeded().task("join").returned(["a0", "b1", "a0"]);
  expect(run.task("each", 2).facts.reason).toMatch(/^cache: /);
  run.task("join").logged('passed by: input "same" is all that a map has given');
});

test("DM-1, DM-3: lists and values of any size go through a map", async () => {
  const large = pipeline("large", ({ task }) => {
    const list = task("list", () => ["x", "y", "z"].map((name) => ({ name, text: name.repeat(2 * 1024 * 1024) })));
    const each = task("each", { map: list, label: "name" }, ({ item }) => `${item.text.length}${item.text}`);
    task("join", { input: { each } }, async ({ input }) => {
      const lengths: number[] = [];
      for await (const text of input.each) lengths.push(text.length);
      return lengths;
    });
  });
  const run = await runPipeline(large);
  run
    .succeeded()
    .task("join")
    .returned([1, 2, 3].map(() => 2 * 1024 * 1024 + 7));
  expect(run.task("each").items.map(({ facts }) => facts.label)).toEqual(["x", "y", "z"]);
});

test("DM-1: no time passes while one of several items takes real time", async () => {
  const slow = pipeline("slow", ({ task }) => {
    task("each", { map: [0, 200], timeout: "1m" }, async ({ item }) => {
      for (let turn = 0; turn < item; turn++) await new Promise<void>((resolve) => systemClock.soon(resolve));
      return item;
    });
  });
  (await runPipeline(slow)).succeeded();
});

test("GR-1, DM-1: a mapped group that is tried again expands anew, over the list that there is then", async () => {
  let tries = 0;
  const again = pipeline("again", ({ group, task }) => {
    const files = task("files", () => ["a", "b"]);
    const each = group("each", { map: files, retries: 1 }, (inner) => {
      const rows = inner.task("rows", ({ item, index }) => {
        if (index === 1 && tries++ === 0) broken({ name: item });
        return `${item}${index}`;
      });
      return { stored: inner.task("store", { input: { rows } }, ({ input, item }) => [item, input.rows]) };
    });
    task("join", { input: { stored: each.result.stored } }, ({ input }) => input.stored.toArray());
  });
  const run = await runPipeline(again);
  expect(tries).toBe(2);
  run
    .succeeded()
    .task("join")
    .returned([
      ["a", "a0"],
      ["b", "b1"],
    ]);
});

test("DM-1, DM-3: commands find their item in their environment, and large values of a map in a file", async () => {
  const commands = pipeline("commands", ({ task }) => {
    const list = task("list", () => ["a b", "c"].map((name) => ({ name, text: "x".repeat(1024 * 1024) })));
    const options = { map: list, runIf: ({ index }: { index: number }) => index === 0 };
    task("say", options, shell`echo {{ item.name }} {{ index }} "$BATUTA_INDEX" "\${BATUTA_ITEM-too large}"`);
    const each = task("each", { map: list }, ({ item }) => item);
    task(
      "count",
      { input: { each }, when: "all_done" },
      shell`
      cut -c 1-48 "$BATUTA_TEMP_DIR/input-each.jsonl"
      wc -c < "$BATUTA_TEMP_DIR/input-each.jsonl"
    `,
    );
  });
  const run = await runPipeline(commands);
  run.succeeded().task("say", 0).logged("a b 0 0 too large");
  run.task("say").mapped({ success: 1, skipped: 1 });
  run.task("count").logged('{"state":"success","value":{"name":"a b","text":').logged("2097256");
});

async function outcomesOf(all: Mapped<Outcome<unknown>>): Promise<readonly unknown[]> {
  return (await all.toArray()).map((outcome) => (outcome.value === undefined ? outcome.state : outcome));
}

function broken(item: unknown): never {
  const { name } = item as File;
  throw new Error(`${name} is broken`);
}
