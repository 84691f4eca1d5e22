import { expect, it } from "vitest";
import { aPipeline, RecordedOutput } from "../rows-for-tests.ts";
import type { Copies, RunChange, TaskChange } from "../run-progress.ts";
import { changeLine } from "./change-line.ts";

const PIPELINE = aPipeline({ load: [] }, { retries: { limit: 2, delay: { kind: "fixed", ms: 0 }, jitter: 0 } });

it.each([
  [{ state: "running" }, "● load running"],
  [{ state: "running", attempt: 2 }, "● load running (attempt 2 of 3)"],
  [{ state: "running", attempt: 5 }, "● load running (attempt 5)"],
  [{ state: "success", startedAt: 0, finishedAt: 1_200 }, "✔ load success in 1.2 s"],
  [{ state: "success", reason: "done_when" }, "✔ load success (was done already)"],
  [
    { state: "retrying", dueAt: 30_000, message: "no\nanswer", startedAt: 0, finishedAt: 1 },
    "↻ load retrying in 30 s after attempt 1: no answer",
  ],
  [{ state: "failed", startedAt: 0, finishedAt: 5, message: "\u001b[2Jboom" }, "✖ load failed in 5 ms: boom"],
  [
    { state: "upstream_failed", reason: "all_success: extract failed" },
    "▽ load upstream failed: all_success: extract failed",
  ],
  [{ state: "cancelled", reason: "operator: anna" }, "■ load cancelled: by anna"],
  [{ state: "skipped", reason: "empty_map" }, "↷ load skipped: the list is empty"],
] as const)("tells %j", (parts, text) => {
  expect(told({ kind: "task", at: 0, task: 0, mapKey: "", from: "queued", attempt: 1, generation: 1, ...parts })).toBe(
    text,
  );
});

it("names the item of a task run of a map", () => {
  const change = { kind: "task", at: 0, task: 0, mapKey: "3.7", from: "queued", attempt: 1, generation: 1 } as const;
  expect(told({ ...change, state: "running" })).toBe("● load[3.7] running");
});

it("tells of a map over many items in tenths, and of the first failures", () => {
  const change = { kind: "task", at: 0, task: 0, mapKey: "3", from: "running", attempt: 1, generation: 1 } as const;
  const of = (state: TaskChange["state"], finished: number, failed = 0) => {
    return told({ ...change, state }, { total: 1_000, finished, running: 4, failed });
  };
  expect(of("running", 100)).toBeUndefined();
  expect(of("success", 99)).toBeUndefined();
  expect(of("success", 100, 1)).toBe("✔ load 100/1,000 done · 4 running · 1 failed");
  expect(of("failed", 101, 20)).toBe("✖ load[3] failed");
  expect(of("failed", 101, 21)).toBeUndefined();
});

it("is silent about a task that only waits its turn", () => {
  expect(
    told({ kind: "task", at: 0, task: 0, mapKey: "", from: "scheduled", attempt: 0, generation: 1, state: "queued" }),
  ).toBeUndefined();
});

it.each([
  [{ state: "running" }, "● run running"],
  [{ state: "cancelling", reason: "operator: anna" }, "□ run cancelling: by anna"],
  [{ state: "failed", reason: "timeout" }, "✖ run failed: timeout"],
] as const)("tells the run's %j", (parts, text) => {
  expect(told({ kind: "run", at: 0, ...parts })).toBe(text);
});

/** Without the time of day, which is the machine's own. */
function told(change: TaskChange | RunChange, copies?: Copies): string | undefined {
  return changeLine(change, PIPELINE, new RecordedOutput(), copies)?.replace(/^\d\d:\d\d:\d\d\.\d{3} /, "");
}
