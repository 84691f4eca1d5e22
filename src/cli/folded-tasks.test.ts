import { expect, test } from "vitest";
import { FoldedTasks } from "./folded-tasks.ts";
import type { TaskReport } from "./run-report.ts";

test("a mapped task is one line with all that its task runs came to", () => {
  const list: TaskReport = { name: "list", state: "success", attempts: 1 };
  const items = [item(0, "success"), item(1, "failed", 3), item(2, "success")];
  expect(foldedTasks([list, ...items])).toEqual([
    list,
    {
      name: "load",
      state: "failed",
      attempts: 5,
      durationMs: 3_000,
      cpuMs: 30,
      peakMemoryBytes: 102,
      reason: "2 success, 1 failed",
    },
  ]);
  expect(foldedTasks([item(0, "success"), item(1, "success")])).toMatchObject([
    { reason: "2 items", state: "success" },
  ]);
  expect(foldedTasks([item(0, "success")])).toMatchObject([{ reason: "1 item" }]);
});

function foldedTasks(reports: readonly TaskReport[]): readonly TaskReport[] {
  const folded = new FoldedTasks();
  for (const report of reports) folded.add(report);
  return folded.tasks;
}

function item(index: number, state: TaskReport["state"], attempts = 1): TaskReport {
  return {
    name: `load[${index}]`,
    task: "load",
    mapKey: String(index),
    state,
    attempts,
    startedAt: `2024-01-01T00:00:0${index}.000Z`,
    finishedAt: `2024-01-01T00:00:0${index + 1}.000Z`,
    cpuMs: 10,
    peakMemoryBytes: 100 + index,
  };
}
