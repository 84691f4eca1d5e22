import { expect, it } from "vitest";
import { isJunction } from "../../core/junction.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import type { TaskRunState } from "../../core/state.ts";
import { pipeline } from "../../sdk/index.ts";
import type { EventBody } from "../../store/event-body.ts";
import type { EventRecord } from "../../store/store.ts";
import { aTaskRun, RecordedOutput } from "../rows-for-tests.ts";
import { RunProgress } from "../run-progress.ts";
import { LiveRun } from "./live-run.ts";
import { pipelinePicture } from "./pipeline-picture.ts";

const SALES = pipeline("sales", ({ task, branch, shortCircuit, group }) => {
  const open = shortCircuit("is_open", () => true);
  const files = task("list_files", { after: open }, () => ["a"]);
  const load = group("load", { map: files, maxParallel: 4, description: "One file after the other" }, (inner) => {
    const rows = inner.task("fetch", () => 1);
    inner.task("store", { input: { rows } }, () => 1);
  });
  const cluster = task("cluster", { after: load, setup: true }, () => 1);
  const heavy = group("heavy", { after: cluster, retries: 2 }, (inner) => {
    const first = inner.task("sort", () => 1);
    inner.task("join", { after: first }, () => 1);
    inner.task("sum", { after: first }, () => 1);
  });
  task("drop", { teardown: cluster, after: heavy }, () => 1);
  const choose = branch("choose", { after: heavy }, () => "mail");
  task("mail", { after: choose }, () => 1);
  task("call", { after: choose, map: ["anna", "ben"] }, () => 1);
});
const SPEC: PipelineSpec = { ...SALES.spec, location: { file: "sales.ts", line: 1 }, graphHash: "" };

it("draws groups, branches, maps, set-ups and tear-downs without the junctions between them", () => {
  expect(
    pipelinePicture(SPEC, new RecordedOutput({ columns: 140 }))
      .split("\n")
      .slice(3),
  ).toEqual([
    "TASK              KIND      NOTES",
    "●     is_open     function  skips what follows when false",
    "●     list_files  function",
    "●     load.fetch  function",
    "●     load.store  function",
    "●     cluster     function  set-up",
    "├─╮",
    "│ ●   heavy.sort  function",
    "│ ├─╮",
    "│ │ ● heavy.join  function",
    "│ ● │ heavy.sum   function",
    "├─┼─┤",
    "● │ │ drop        function  tear-down of cluster",
    "  ├─╯",
    "  ●   choose      function  chooses from mail, call",
    "  ├─╮",
    "  │ ● mail        function",
    "  ●   call        function  for each of 2 items",
    "",
    "GROUP  TASKS  RETRIES           NOTES",
    "load       2                    One file after the other · for each of list_files, at most 4 at a time",
    "heavy      3  2: after 30s, ×2",
  ]);
});

it("shows the states of a run without its junctions, and a mapped task as one", () => {
  const included = SPEC.tasks.flatMap((task, index) => (isJunction(task) ? [] : [index]));
  const rows = [...SPEC.tasks.keys()].map((index) => aTaskRun(index));
  const progress = new RunProgress("running", rows, 0, (task) => !included.includes(task));
  const call = SPEC.tasks.findIndex(({ name }) => name === "call");
  expect(progress.total).toBe(included.length);
  for (const [mapKey, to] of [
    ["0", "success"],
    ["1", "running"],
  ] as const) {
    progress.apply(anEvent(call, mapKey, to));
  }
  const live = new LiveRun(SPEC, included, { pipeline: "sales", ds: "2026-01-02", shortId: "0199" });
  const lines = live.lines(progress, 1_000, new RecordedOutput());
  expect(lines.at(-2)).toBe("  ●   call        1/2 done · 1 running");
  expect(lines.at(-1)).toBe("1/13 done · 1 running");
});

it("does not tell of a task run that others take the place of, and counts those before any has begun", () => {
  const call = SPEC.tasks.findIndex(({ name }) => name === "call");
  const progress = new RunProgress("running", [aTaskRun(call)]);
  const { body, ...event } = anEvent(call, "", "success");
  expect(progress.apply({ ...event, body: { ...body, reason: "mapped" } as EventBody })).toBeUndefined();
  const mapped = { kind: "mapped", taskIndex: call, mapKey: "", from: 0, to: 3, begin: "queued" } as const;
  expect(progress.apply({ ...event, body: mapped })).toBeUndefined();
  expect(progress.task(call)).toMatchObject({ state: "queued", copies: { total: 3, finished: 0 } });
  expect(progress.total).toBe(3);
  expect(progress.apply(anEvent(call, "2", "failed"))).toMatchObject({ task: call, mapKey: "2", state: "failed" });
  expect(progress.task(call)).toMatchObject({ state: "queued", copies: { total: 3, finished: 1 } });
  expect(progress.active).toEqual([call]);
});

function anEvent(taskIndex: number, mapKey: string, to: TaskRunState): EventRecord {
  const change = { kind: "task_state", taskIndex, mapKey, from: "queued", to } as const;
  return { cursor: "1", at: 0, runId: "0199", body: { ...change, generation: 1, attempt: 1, token: 1 } };
}
