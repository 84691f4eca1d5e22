import { expect, test } from "vitest";
import { plainTask } from "./plain-task-for-tests.ts";
import { shownTaskRuns, taskRunName } from "./shown-task-runs.ts";

const TASKS = [
  plainTask("load"),
  plainTask("load/end", { execution: { via: "none", as: "summary" } }),
  plainTask("store"),
];

test("task runs are shown without junctions, and in the order of items without what they have taken the place of", () => {
  const rows = ["2:10", "2:2.1", "1:", "2:", "2:2", "0:", "2:2.0"].map((text) => {
    const [index, mapKey = ""] = text.split(":");
    return { taskIndex: Number(index), mapKey, state: "success" as const };
  });
  const shown = shownTaskRuns({ tasks: TASKS }, rows);
  expect(shown.map(({ taskIndex, mapKey }) => taskRunName(TASKS[taskIndex]?.name ?? "", mapKey))).toEqual([
    "load",
    "store[2.0]",
    "store[2.1]",
    "store[10]",
  ]);
});

test("DM-4: a mapped task run stands for itself again when all of its items were removed", () => {
  const failed = { taskIndex: 0, mapKey: "", state: "failed" } as const;
  const removed = ["0", "1"].map((mapKey) => ({ taskIndex: 0, mapKey, state: "removed" }) as const);
  expect(shownTaskRuns({ tasks: TASKS }, [failed, ...removed])).toEqual([failed]);
  const kept = { taskIndex: 0, mapKey: "2", state: "success" } as const;
  expect(shownTaskRuns({ tasks: TASKS }, [failed, ...removed, kept])).toEqual([...removed, kept]);
});
