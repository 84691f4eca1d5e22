import { expect, test } from "vitest";
import { type Choice, fixed, pipeline } from "../sdk/index.ts";
import { fails, returns, runPipeline } from "./index.ts";

function choosing(choice: Choice) {
  return pipeline("choosing", ({ task, branch, group }) => {
    const choose = branch("choose", () => choice);
    const bulk = task("bulk", { after: choose }, () => "bulk");
    const load = group("load", { after: choose }, (inner) => {
      const rows = inner.task("rows", () => "rows");
      inner.task("store", { after: rows }, () => 1);
    });
    task("strict", { after: [bulk, load] }, () => 1);
    task("publish", { after: [bulk, load], when: "none_failed_min_one_success" }, () => 1);
  });
}

test.each<[string, Choice, Record<string, string>]>([
  [
    "one task",
    "bulk",
    { bulk: "success", "load.rows": "skipped", "load.store": "skipped", publish: "success", strict: "skipped" },
  ],
  [
    "a group",
    "load",
    { bulk: "skipped", "load.rows": "success", "load.store": "success", publish: "success", strict: "skipped" },
  ],
  ["several", ["bulk", "load"], { bulk: "success", "load.store": "success", publish: "success", strict: "success" }],
  ["none", null, { bulk: "skipped", "load.rows": "skipped", publish: "skipped", strict: "skipped" }],
])("SK-1: a branch that chooses %s", async (_, choice, states) => {
  const run = await runPipeline(choosing(choice));
  run.succeeded().states({ choose: "success", ...states } as never);
});

test("SK-1: what hangs on the chosen one is kept, though it hangs on the branch as well and was not named", async () => {
  const ways = pipeline("ways", ({ task, branch }) => {
    const choose = branch("choose", () => "clean");
    const clean = task("clean", { after: choose }, () => 1);
    const middle = task("middle", { after: clean }, () => 1);
    task("load", { after: [choose, middle] }, () => 1);
    task("other", { after: choose }, () => 1);
  });
  (await runPipeline(ways)).succeeded().states({ load: "success", other: "skipped" });
});

test("SK-1: a branch that chooses what is not there fails, with the name that was meant", async () => {
  const run = await runPipeline(choosing("blk"));
  run.failed().task("choose").failed('"blk"');
  run.states({ bulk: "upstream_failed", "load.rows": "upstream_failed", publish: "upstream_failed" });
});

test("SK-1: a branch that chooses what does not hang on it fails: nothing would be left to run", async () => {
  const stranger = pipeline("stranger", ({ task, branch, group }) => {
    task("aside", () => 1);
    const choose = branch("choose", () => "aside");
    task("rows", { after: choose }, () => 1);
    group("load", { after: choose }, (inner) => void inner.task("deep", () => 1));
  });
  (await runPipeline(stranger)).failed().task("choose").failed('"aside", which does not hang on it directly');
  const deep = await runPipeline(stranger, { stubs: { choose: returns("load.deep") } });
  deep.failed().task("choose").failed('"load.deep", which does not hang on it directly');
  const both = await runPipeline(stranger, { stubs: { choose: returns(["load", "load.deep"]) } });
  both.succeeded().states({ rows: "skipped", "load.deep": "success" });
});

test("SK-1: within a group names mean its members first", async () => {
  const inGroup = pipeline("in_group", ({ task, group }) => {
    task("rows", () => 1);
    group("load", ({ task: member, branch }) => {
      const choose = branch("choose", () => "rows");
      member("rows", { after: choose }, () => 1);
      member("bulk", { after: choose }, () => 1);
    });
  });
  (await runPipeline(inGroup)).succeeded().states({ "load.rows": "success", "load.bulk": "skipped" });
});

test("SK-3: a short circuit skips all that hangs on it, whatever its rule, but tear-downs", async () => {
  const circuit = pipeline("circuit", ({ task, shortCircuit }) => {
    const cluster = task("cluster", { setup: true }, () => 1);
    const open = shortCircuit("open", { after: cluster }, () => false);
    const load = task("load", { after: open }, () => 1);
    task("drop", { teardown: cluster, after: load }, () => 1);
    task("notify", { after: load, when: "all_done" }, () => 1);
  });
  const run = await runPipeline(circuit);
  run.succeeded().states({ open: "success", load: "skipped", notify: "skipped", drop: "success" });
  (await runPipeline(circuit, { stubs: { open: returns(true) } })).states({ load: "success", notify: "success" });
});

const GROUPED = pipeline("grouped", ({ task, group }) => {
  const load = group("load", { retries: fixed({ limit: 2, delay: "10m", jitter: 0 }) }, (inner) => {
    const cluster = inner.task("cluster", { setup: true }, () => "c1");
    const rows = inner.task("rows", { input: { cluster } }, ({ input }) => `rows of ${input.cluster}`);
    inner.task("drop", { teardown: cluster, after: rows }, () => 1);
    return { rows };
  });
  task("report", { input: { rows: load.result.rows } }, ({ input }) => input.rows);
  task("alarm", { after: load, when: "one_failed" }, () => 1);
});

test("GR-1: a group is run again as a whole after the delay, and nothing outside sees its failure", async () => {
  const run = await runPipeline(GROUPED, { stubs: { "load.rows": fails("no answer").times(1) } });
  run.failed().states({ "load.rows": "failed", report: "upstream_failed", alarm: "success", "load.drop": "success" });
  expect(run.task("load.rows").facts.attempts).toHaveLength(3);
  run.task("load.rows").startedAfter("20m");
});

test("GR-1: the value of a member of the attempt that succeeded is the one that others receive", async () => {
  let calls = 0;
  const flaky = (): string => {
    calls += 1;
    if (calls < 3) throw new Error("no answer");
    return `rows ${calls}`;
  };
  const run = await runPipeline(GROUPED, { stubs: { "load.rows": flaky } });
  run.succeeded().states({ alarm: "skipped" }).task("report").returned("rows 3");
  expect(run.facts.tasks.map(({ name }) => name)).toEqual([
    "load.cluster",
    "load.rows",
    "load.drop",
    "report",
    "alarm",
  ]);
});

test("GR-1: who takes the value of a member that was skipped is skipped, though the group has succeeded", async () => {
  const partly = pipeline("partly", ({ task, group }) => {
    const load = group("load", { retries: fixed({ limit: 1, delay: "1m", jitter: 0 }) }, (inner) => {
      const rows = inner.task("rows", { runIf: () => false }, () => 1);
      const other = inner.task("other", () => 2);
      return { rows, other };
    });
    task("needs", { input: { rows: load.result.rows } }, ({ input }) => input.rows + 1);
    task("takes", { input: { rows: load.result.rows }, when: "none_failed" }, ({ input }) => input.rows.state);
    task("other", { input: { other: load.result.other } }, ({ input }) => input.other + 1);
  });
  (await runPipeline(partly)).succeeded().states({ needs: "skipped", other: "success" });
  let calls = 0;
  const flaky = (): number => {
    calls += 1;
    if (calls === 1) throw new Error("no answer");
    return calls;
  };
  const retried = await runPipeline(partly, { stubs: { "load.other": flaky } });
  retried.succeeded().states({ needs: "skipped", takes: "success" }).task("other").returned(3);
  const failed = await runPipeline(partly, { stubs: { "load.other": fails("no answer") } });
  failed.failed().states({ needs: "upstream_failed", takes: "upstream_failed", other: "upstream_failed" });
});

const CLEANED = pipeline("cleaned", ({ task }) => {
  const cluster = task("cluster", { setup: true }, () => ({ id: "c1" }));
  const first = task("first", { after: cluster }, () => 1);
  const second = task("second", { after: first, when: "all_done" }, () => 1);
  task("drop", { teardown: cluster, input: { cluster }, after: second }, ({ input }) => `dropped ${input.cluster.id}`);
});

test("SU-1: one set-up of several that has succeeded is enough for the tear-down, and its failure counts when asked", async () => {
  const several = pipeline("several", ({ task }) => {
    const cluster = task("cluster", { setup: true }, () => 1);
    const bucket = task("bucket", { setup: true }, () => 1);
    const work = task("work", { after: [cluster, bucket] }, () => 1);
    task("drop", { teardown: [cluster, bucket], after: work, allowFailure: false }, () => 1);
  });
  const half = await runPipeline(several, { stubs: { bucket: fails("full") } });
  half.failed().states({ cluster: "success", work: "upstream_failed", drop: "success" });
  const none = await runPipeline(several, { stubs: { cluster: fails("no quota"), bucket: fails("full") } });
  none.failed().states({ work: "upstream_failed", drop: "upstream_failed" });
  (await runPipeline(several)).succeeded().states({ work: "success", drop: "success" });
  (await runPipeline(several, { stubs: { drop: fails("still there") } })).failed().states({ work: "success" });
});

test("SU-1: a tear-down runs when its work has ended, whatever the outcome, and its own failure fails no run", async () => {
  (await runPipeline(CLEANED)).succeeded().task("drop").returned("dropped c1");
  const failed = await runPipeline(CLEANED, { stubs: { first: fails("no") } });
  failed.failed().states({ first: "failed", second: "success", drop: "success" });
  (await runPipeline(CLEANED, { stubs: { drop: fails("no") } })).succeeded().states({ drop: "failed" });
});

test("SU-2: without its set-up no work starts, whatever its rule, and nothing is taken away", async () => {
  const run = await runPipeline(CLEANED, { stubs: { cluster: fails("no quota") } });
  run.failed().states({ first: "upstream_failed", second: "upstream_failed", drop: "upstream_failed" });
});

test("RS-5: after the first final failure tear-downs still run", async () => {
  const fast = pipeline("fast", { failFast: true }, ({ task }) => {
    const cluster = task("cluster", { setup: true }, () => 1);
    const work = task("work", { after: cluster }, () => 1);
    const more = task("more", { after: work, when: "all_done" }, () => 1);
    task("drop", { teardown: cluster, after: more }, () => 1);
  });
  const run = await runPipeline(fast, { stubs: { work: fails("no") } });
  run.failed().states({ work: "failed", more: "cancelled", drop: "success" });
});
