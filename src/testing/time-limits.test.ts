import { expect, test } from "vitest";
import { fixed, pipeline } from "../sdk/index.ts";
import { fails, hangs, returns, runPipeline } from "./index.ts";

const HOUR = 3_600_000;

test("RS-4: a run that takes longer than runTimeout is stopped and fails", async () => {
  const slow = pipeline("slow", { runTimeout: "1h" }, ({ task }) => {
    const first = task("first", () => 1);
    task("second", { after: first }, () => 2);
  });
  const run = await runPipeline(slow, { stubs: { first: hangs() } });
  run.failed().states({ first: "cancelled", second: "cancelled" });
  expect(run.task("first").facts.attempts[0]?.durationMs).toBe(HOUR);
  expect(run.task("first").facts.failure?.message).toBe("The run took longer than its time-out of 1 h 00 min.");
});

test("RS-5: with failFast the first final failure stops the rest at once", async () => {
  const strict = pipeline("strict", { failFast: true }, ({ task }) => {
    task("bad", { retries: fixed({ delay: "1m", limit: 1, jitter: 0 }) }, () => 1);
    const long = task("long", () => 2);
    task("later", { after: long }, () => 3);
  });
  const run = await runPipeline(strict, { stubs: { bad: fails("no rows"), long: hangs() } });
  run.failed().states({ bad: "failed", long: "cancelled", later: "cancelled" });
  expect(run.task("long").facts.attempts[0]?.durationMs).toBe(60_000);
});

test("RT-4: totalTimeout spans attempts and waits; it ends a back-off and a running attempt alike, for good", async () => {
  const patient = pipeline("patient", ({ task }) => {
    task("waits", { totalTimeout: "3h", retries: fixed({ delay: "2h", limit: 9, jitter: 0 }) }, () => 1);
    task("runs", { totalTimeout: "3h", timeout: "2h", retries: fixed({ delay: "0s", limit: 9, jitter: 0 }) }, () => 1);
    task("ends", { totalTimeout: "3h", retries: fixed({ delay: "2h", limit: 9, jitter: 0 }) }, () => 1);
  });
  const stubs = { waits: fails("down"), runs: hangs(), ends: fails("down").followedBy(returns(1)) };
  const run = await runPipeline(patient, { stubs });
  run.failed().states({ waits: "failed", runs: "failed", ends: "success" });
  expect(run.task("waits").attempts(2).facts.reason).toBe("timeout");
  run
    .task("runs")
    .attempts(2)
    .failed(/total time-out of 3 h/);
  expect(run.task("runs").facts.attempts.map(({ durationMs }) => durationMs)).toEqual([2 * HOUR, HOUR]);
});
