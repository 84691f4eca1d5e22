import { expect, test } from "vitest";
import { fixed, pipeline } from "../sdk/index.ts";
import { fails, returns, runPipeline } from "./index.ts";

const AGAIN = fixed({ limit: 1, delay: "1m", jitter: 0 });

/** Fails on its first call. */
function failsOnce<T>(value: (item: string) => T, failing: string): (item: string) => T {
  let hasFailed = false;
  return (item) => {
    if (item === failing && !hasFailed) {
      hasFailed = true;
      throw new Error("no answer");
    }
    return value(item);
  };
}

test("GR-1, DM-3: a group with retries within a mapped group is tried again for its own item alone", async () => {
  const dropped: string[] = [];
  const rowsOf = failsOnce((item) => `rows of ${item}`, "b");
  const nested = pipeline("nested", ({ task, group }) => {
    const each = group("each", { map: ["a", "b"] }, (outer) => {
      const load = outer.group("load", { retries: AGAIN }, (inner) => {
        const cluster = inner.task("cluster", { setup: true }, ({ item }) => item);
        const rows = inner.task("rows", { after: cluster }, ({ item }) => rowsOf(item));
        inner.task("drop", { teardown: cluster, input: { cluster }, after: rows }, ({ input }) => {
          dropped.push(input.cluster);
        });
        return { rows };
      });
      return { out: outer.task("out", { input: { rows: load.result.rows } }, ({ input }) => input.rows) };
    });
    task("all", { input: { out: each.result.out } }, async ({ input }) => await input.out.toArray());
  });
  const run = await runPipeline(nested);
  run.succeeded().task("all").returned(["rows of a", "rows of b"]);
  expect(dropped.sort()).toEqual(["a", "b", "b"]);
});

test("GR-1, DM-3: a mapped group with retries is tried again with all of its items", async () => {
  let drops = 0;
  const rowsOf = failsOnce((item) => item, "b");
  const mapped = pipeline("mapped", ({ task, group }) => {
    const files = task("files", () => ["a", "b"]);
    const each = group("each", { map: files, retries: AGAIN }, (inner) => {
      const cluster = inner.task("cluster", { setup: true }, () => 1);
      const rows = inner.task("rows", { after: cluster }, ({ item }) => rowsOf(item));
      inner.task("drop", { teardown: cluster, after: rows }, () => {
        drops += 1;
      });
      return { rows };
    });
    task("all", { input: { rows: each.result.rows } }, async ({ input }) => await input.rows.toArray());
  });
  (await runPipeline(mapped)).succeeded().task("all").returned(["a", "b"]);
  expect(drops).toBe(4);
});

test("SK-1, SK-3: in a mapped group a branch and a short circuit decide for their own item", async () => {
  const deciding = pipeline("deciding", ({ group, task: outer }) => {
    const each = group("each", { map: [1, 2, 3] }, ({ task, branch, shortCircuit }) => {
      const choose = branch("choose", ({ item }) => (item === 2 ? "two" : "other"));
      const ways = [task("two", { after: choose }, () => 1), task("other", { after: choose }, () => 1)];
      const join = { after: ways, when: "none_failed_min_one_success" } as const;
      const open = shortCircuit("open", join, ({ item }) => item !== 3);
      task("last", { after: open }, () => 1);
    });
    outer("every", { after: each }, () => 1);
    outer("some", { after: each, when: "none_failed_min_one_success" }, () => 1);
  });
  const run = await runPipeline(deciding);
  // What comes after the group counts the item that stopped as one of three skipped, and decides by its own rule (TR-15).
  run.states({ every: "skipped", some: "success" });
  const states = [0, 1, 2].map((item) => ["two", "last"].map((name) => run.task(`each.${name}`, item).facts.state));
  expect(states).toEqual([
    ["skipped", "success"],
    ["success", "success"],
    ["skipped", "skipped"],
  ]);
});

test("SU-1, DM-2: a tear-down waits for all items of the map between, and for none of an empty one", async () => {
  const around = pipeline("around", ({ task, group }) => {
    const files = task("files", (): string[] => []);
    const cluster = task("cluster", { setup: true }, () => 1);
    const each = group("each", { map: files, after: cluster }, (inner) => void inner.task("load", () => 1));
    task("drop", { teardown: cluster, after: each }, () => 1);
    task("end", { after: each, when: "none_failed" }, () => 1);
  });
  (await runPipeline(around)).succeeded().states({ drop: "success", end: "success" });
  const files = returns(["a", "b"]);
  (await runPipeline(around, { stubs: { files } })).succeeded().states({ drop: "success", end: "success" });
  const failed = await runPipeline(around, { stubs: { files, "each.load[1]": fails("no") } });
  failed.failed().states({ drop: "success", end: "upstream_failed" });
});

test("SK-3, GR-1: in a group with retries a short circuit decides for one attempt, and outside the end of the last counts", async () => {
  let attempts = 0;
  const again = pipeline("again", ({ task, group }) => {
    const load = group("load", { retries: fixed({ limit: 1, delay: "1m" }) }, (inner) => {
      const fresh = inner.shortCircuit("fresh", () => ++attempts === 2);
      inner.task("rows", { after: fresh }, () => 1);
      inner.task("audit", () => {
        if (attempts < 2) throw new Error("not yet");
      });
    });
    task("report", { after: load }, () => 2);
  });
  const run = await runPipeline(again);
  run.succeeded().task("report").returned(2).attempts(1);
  run.task("load.rows").returned(1);
});
