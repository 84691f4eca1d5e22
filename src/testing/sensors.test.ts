import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { defineSensor, notYet, pipeline, type SensorContext, skip } from "../sdk/index.ts";
import { fatal } from "../sdk/signals.ts";
import { file, pipelineDone, poll, until } from "../tasks/index.ts";
import { fails, hangs, returns, runPipeline } from "./index.ts";

test("WT-1: a sensor waits in virtual time until what looks for it gives a value, which its dependants receive", async () => {
  const looks: (number | null)[] = [];
  const waiting = pipeline("waiting", ({ task }) => {
    const parts = task(
      "parts",
      poll(
        ({ memory, ds }) => {
          looks.push(typeof memory === "number" ? memory : null);
          const found = looks.length;
          return found < 4 ? notYet(`${found} of 4`, { memory: found }) : { day: ds, parts: found };
        },
        { pollEvery: "10m" },
      ),
    );
    task("count", { input: { parts } }, ({ input }) => `${input.parts.day}: ${input.parts.parts}`);
  });
  const run = await runPipeline(waiting, { date: "2024-01-02" });
  run.succeeded().task("count").returned("2024-01-02: 4");
  expect(looks).toEqual([null, 1, 2, 3]);
  expect(run.task("parts").facts.attempts).toEqual([]);
  const [count] = run.task("count").facts.attempts;
  expect(count?.startedAfterMs).toBeGreaterThanOrEqual(27 * 60_000);
  expect(count?.startedAfterMs).toBeLessThanOrEqual(31 * 60_000);
});

test("WT-1: what a test gives in place of a sensor is what its looks answer, one after the other", async () => {
  const nightly = pipeline("nightly", ({ task }) => {
    const orders = task("orders", file("in/{{ ds }}.csv", { timeout: "1h" }));
    const sales = task("sales", pipelineDone("daily_sales"));
    task("load", { input: { orders, sales } }, ({ input }) => [input.orders.length, input.sales.runs.length]);
  });
  const found = [{ path: "in/a.csv", bytes: 3, modifiedAt: "2024-01-02T00:00:00.000Z" }];
  const stubs = {
    orders: fails("no route").times(2).followedBy(returns(false)).followedBy(returns(found)),
    sales: () => ({ pipeline: "daily_sales", runs: ["r1", "r2"] }),
  };
  (await runPipeline(nightly, { stubs })).succeeded().task("load").returned([1, 2]);
  const late = await runPipeline(nightly, { stubs: { ...stubs, orders: returns(false) } });
  late.failed().states({ orders: "failed", load: "upstream_failed" });
  expect(late.task("orders").facts.failure).toMatchObject({ reason: "timeout" });
});

test("WT-1: errors in a row fail a sensor after ten, fatal() at once, and skip() skips it", async () => {
  const three = pipeline("three", ({ task }) => {
    task(
      "broken",
      poll(() => true, { timeout: "10d" }),
    );
    task(
      "silent",
      poll(() => true, { errorsMax: 2 }),
    );
    task(
      "fatal",
      poll(() => fatal("The bucket does not exist.")),
    );
    task(
      "skipped",
      poll(() => skip("no delivery today")),
    );
    task(
      "late",
      poll(() => false, { timeout: "1h", onTimeout: "skip" }),
    );
  });
  const run = await runPipeline(three, { stubs: { broken: fails("no route to host"), silent: hangs() } });
  run.failed().states({ broken: "failed", silent: "failed", fatal: "failed", skipped: "skipped", late: "skipped" });
  expect(run.task("broken").facts.failure).toMatchObject({ reason: "error", message: "no route to host" });
  expect(run.task("silent").facts.failure).toMatchObject({ reason: "timeout" });
  expect(run.task("fatal").facts.failure).toMatchObject({ reason: "fatal" });
  expect(run.task("skipped").facts.reason).toBe("no delivery today");
  expect(run.task("late").facts.reason).toBe("sensor_timeout");
});

test("WT-1: a moment is waited for to the second, and one that has passed not at all", async () => {
  const run = await runPipeline(
    pipeline("opening", ({ task }) => {
      const open = task("open", until("13:30"));
      task("past", until("2024-01-15T11:59:00Z"));
      task("go", { input: { open } }, ({ input }) => input.open);
    }),
    { now: "2024-01-15T12:00:00Z" },
  );
  run.succeeded().task("go").returned("2024-01-15T13:30:00.000Z").startedAfter("90m");
  run.task("past").succeeded().returned("2024-01-15T11:59:00.000Z");
});

test("WT-1: a file is waited for until it has stopped growing, each item of a mapped sensor on its own", async () => {
  const projectDir = mkdtempSync(join(tmpdir(), "batuta-sensors-"));
  onTestFinished(() => rmSync(projectDir, { recursive: true, force: true }));
  writeFileSync(join(projectDir, "a.csv"), "one");
  writeFileSync(join(projectDir, "b.csv"), "three");
  const loading = pipeline("loading", ({ task }) => {
    const files = task("files", file("*.csv", { count: 2 }));
    const each = task("each", { map: ["a", "b"] }, file("{{ item }}.csv", { stableFor: 0 }));
    task("sum", { input: { files, each } }, async ({ input }) => [
      input.files.map(({ path }) => path),
      (await input.each.toArray()).flat().map(({ bytes }) => bytes),
    ]);
  });
  const run = await runPipeline(loading, { projectDir });
  run
    .succeeded()
    .task("sum")
    .returned([
      ["a.csv", "b.csv"],
      [3, 5],
    ]);
  run.task("sum").startedAfter("5s");
});

test("defineSensor: a sensor of a user's own is given its configuration rendered, and what it had asked to keep", async () => {
  const seen: unknown[] = [];
  const topicHas = defineSensor({
    name: "topic-has",
    check: ({ config, memory }: SensorContext<{ topic: string }>) => {
      seen.push([config, memory ?? null]);
      return seen.length < 2 ? notYet("empty", { memory: { looked: seen.length }, again: "1s" }) : true;
    },
  });
  const streaming = pipeline("streaming", ({ task }) => {
    const wait = task("wait", topicHas({ topic: "orders-{{ ds }}" }));
    task("after", { after: wait }, () => "done");
  });
  (await runPipeline(streaming, { date: "2024-01-02" })).succeeded();
  expect(seen).toEqual([
    [{ topic: "orders-2024-01-02" }, null],
    [{ topic: "orders-2024-01-02" }, { looked: 1 }],
  ]);
});
