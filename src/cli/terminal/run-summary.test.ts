import { expect, it } from "vitest";
import type { TaskRunRecord } from "../../store/store.ts";
import { anAttempt, aPipeline, aRun, aTaskRun, RecordedOutput } from "../rows-for-tests.ts";
import { taskReports } from "../run-report.ts";
import { runSummary } from "./run-summary.ts";

const T0 = Date.UTC(2026, 0, 3);
const PIPELINE = aPipeline({ extract: [], load: ["extract"], check: ["extract"], notify: ["load", "check"] });

it("shows the graph, states, attempts, times and use on a terminal", () => {
  expect(summary({ isTty: true })).toEqual([
    "TASK         STATE            ATTEMPTS   TIME    CPU   MEMORY  NOTE",
    "✔   extract  success                 2  1.5 s  1.2 s  2.0 MiB",
    "├─╮",
    "│ ✖ load     failed                  1  1.5 s                  timeout",
    "✔ │ check    success                 1  1.5 s                  was done already",
    "├─╯",
    "▽   notify   upstream failed",
  ]);
});

it("shows a plain table in a pipe, one line for each task", () => {
  expect(summary({ isTty: false })).toEqual([
    "TASK     STATE            ATTEMPTS   TIME    CPU   MEMORY  NOTE",
    "extract  success                 2  1.5 s  1.2 s  2.0 MiB",
    "load     failed                  1  1.5 s                  timeout",
    "check    success                 1  1.5 s                  was done already",
    "notify   upstream failed",
  ]);
});

it("sums many tasks up and names those that failed", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => [`task_${index}`, []] as const);
  const pipeline = aPipeline(Object.fromEntries(names));
  const taskRuns = pipeline.tasks.map((_, index) =>
    aTaskRun(index, { state: index === 77 ? "failed" : "success", attempt: 1 }),
  );
  const report = taskReports({ run: aRun({ state: "failed" }), pipeline, taskRuns, attempts: [] });
  expect(runSummary(report, pipeline, new RecordedOutput()).split("\n")).toEqual([
    "STATE    TASKS",
    "success  9,999",
    "failed       1",
    "",
    "TASK     STATE   ATTEMPTS  TIME  CPU  MEMORY  NOTE",
    "task_77  failed         1",
  ]);
});

function summary({ isTty }: { isTty: boolean }): string[] {
  const taskRuns: TaskRunRecord[] = [
    aTaskRun(0, { state: "success", attempt: 2, generation: 2 }),
    aTaskRun(1, { state: "failed", attempt: 1, failure: { reason: "timeout", message: "It took too long." } }),
    aTaskRun(2, { state: "success", attempt: 1, reason: "done_when" }),
    aTaskRun(3, { state: "upstream_failed" }),
  ];
  const usage = { cpuMs: 600, peakMemoryBytes: 2 * 1024 * 1024 };
  const attempts = [
    anAttempt(0, { generation: 1, usage: { cpuMs: 9_000, peakMemoryBytes: 9_000_000 } }),
    anAttempt(0, { generation: 2, usage }),
    anAttempt(0, { generation: 2, attempt: 2, usage }),
    anAttempt(1),
    anAttempt(2),
  ];
  const run = aRun({ state: "failed", startedAt: T0, finishedAt: T0 + 5_000 });
  const report = taskReports({ run, pipeline: PIPELINE, taskRuns, attempts });
  return runSummary(report, PIPELINE, new RecordedOutput({ isTty })).split("\n");
}
