import { expect, test } from "vitest";
import { asset, type FailureView, fixed, pipeline } from "../sdk/index.ts";
import { shell } from "../tasks/index.ts";
import { fails, returns, runPipeline } from "./index.ts";

class QuotaError extends Error {}

test("RT-3: retryIf sees class, message, exit code, signal, reason and attempt", async () => {
  const seen: FailureView[] = [];
  const once = (failure: FailureView): boolean => seen.push(failure) > 0 && failure.attempt < 1;
  const watched = pipeline("watched", { retries: 3 }, ({ task }) => {
    task("thrown", { retryIf: once }, () => {
      throw new QuotaError("no quota left");
    });
    task("code", { retryIf: once }, shell`exit 7`);
    task("signal", { retryIf: once }, shell`kill -KILL $$`);
  });
  const run = await runPipeline(watched);
  for (const task of ["thrown", "code", "signal"]) run.task(task).failed().attempts(1);
  expect(seen).toHaveLength(3);
  const expected = [
    expect.objectContaining({ reason: "error", errorName: "QuotaError", message: "no quota left", attempt: 1 }),
    expect.objectContaining({ reason: "exit_code", exitCode: 7, attempt: 1 }),
    expect.objectContaining({ reason: "exit_code", signal: "SIGKILL", attempt: 1 }),
  ];
  expect(seen).toEqual(expect.arrayContaining(expected));
});

test("RT-3: a Retry-After that is longer than the delay wins, and a shorter one does not", async () => {
  const busy = (ms: number): Error => Object.assign(new Error("busy"), { retryAfterMs: ms });
  const polite = pipeline("polite", { retries: fixed({ limit: 1, delay: "10s", jitter: 0 }) }, ({ task }) => {
    for (const [name, ms] of [
      ["longer", 60_000],
      ["shorter", 1_000],
    ] as const) {
      task(name, ({ attempt }) => {
        if (attempt === 1) throw busy(ms);
      });
    }
  });
  const run = await runPipeline(polite);
  expect(run.succeeded().task("longer").backoffsMs).toEqual([60_000]);
  expect(run.task("shorter").backoffsMs).toEqual([10_000]);
});

test.each(["0s", "500ms", "1s"])("RT-3: a delay of %s is kept exactly", async (delay) => {
  const quick = pipeline("quick", ({ task }) => {
    task("a", { retries: fixed({ limit: 2, delay, jitter: 0 }) }, () => 1);
  });
  const run = await runPipeline(quick, { stubs: { a: fails("down").times(2).followedBy(returns(1)) } });
  const ms = { "0s": 0, "500ms": 500, "1s": 1_000 }[delay];
  expect(run.succeeded().task("a").attempts(3).backoffsMs).toEqual([ms, ms]);
});

test("RT-2: the jitter of a run is the same whenever it happens again, and within its share of the delay", async () => {
  const jittery = pipeline("jittery", { retries: fixed({ limit: 5, delay: "100s" }) }, ({ task }) => {
    for (const name of ["a", "b", "c"]) task(name, () => 1);
  });
  const stubs = { a: fails("down"), b: fails("down"), c: fails("down") };
  const [first, again] = [await runPipeline(jittery, { stubs }), await runPipeline(jittery, { stubs })];
  const all = ["a", "b", "c"].flatMap((name) => first.task(name).backoffsMs);
  expect(["a", "b", "c"].flatMap((name) => again.task(name).backoffsMs)).toEqual(all);
  expect(all).toHaveLength(15);
  for (const ms of all) {
    expect(ms).toBeGreaterThanOrEqual(100_000);
    expect(ms).toBeLessThanOrEqual(110_000);
  }
  expect(new Set(all).size).toBeGreaterThan(10);
});

test("RT-5: a retry sees the outputs of its upstream as they are, and nothing of its own earlier attempts", async () => {
  const seen: unknown[] = [];
  const careful = pipeline("careful", { retries: 2 }, ({ task }) => {
    const rows = task("rows", ({ log }) => {
      log.info("reading");
      return [1, 2];
    });
    task("load", { input: { rows } }, ({ input, attempt, log, tempDir, idempotencyKey }) => {
      log.info(`attempt ${attempt}`);
      seen.push({ rows: input.rows, tempDir, idempotencyKey });
      input.rows.push(3);
      if (attempt < 3) throw new Error("half done");
      return input.rows.length;
    });
  });
  const run = await runPipeline(careful);
  run.succeeded().task("load").attempts(3).returned(3);
  expect(seen).toHaveLength(3);
  expect(new Set(seen.map((one) => (one as { tempDir: string }).tempDir)).size).toBe(3);
  expect(new Set(seen.map((one) => (one as { idempotencyKey: string }).idempotencyKey)).size).toBe(1);
  run.task("load").logged("attempt 1").logged("attempt 2").logged("attempt 3");
});

test("RT-7: a task may be done when an asset exists, which the reason names", async () => {
  const there = asset("warehouse/orders", { exists: async ({ ds }) => ds === "2024-01-02" });
  const targets = pipeline("targets", ({ task }) => {
    task("load", { doneWhen: there, outputs: [there] }, () => 1);
    task("shelled", { doneWhen: there }, shell`exit 3`);
  });
  const done = await runPipeline(targets, { date: "2024-01-02" });
  for (const task of ["load", "shelled"]) {
    expect(done.succeeded().task(task).facts.reason).toBe("done_when: warehouse/orders");
  }
  const undone = await runPipeline(targets, { date: "2024-01-03" });
  undone.task("load").returned(1);
  undone.task("shelled").failed();
});
