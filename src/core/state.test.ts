import { expect, test } from "vitest";
import {
  canMove,
  canRunMove,
  isFinished,
  isRunFinished,
  RUN_EDGES,
  RUN_STATES,
  TASK_RUN_EDGES,
  TASK_RUN_STATES,
  type TaskRunState,
} from "./state.ts";

test("ST-1: success, failed, upstream_failed, skipped, cancelled and removed are finished, the others are not", () => {
  expect(TASK_RUN_STATES.filter(isFinished)).toEqual([
    "success",
    "failed",
    "upstream_failed",
    "skipped",
    "cancelled",
    "removed",
  ]);
  expect(RUN_STATES.filter(isRunFinished)).toEqual(["success", "failed", "cancelled"]);
});

test("ST-1: out of a finished state only an operator moves", () => {
  const byEngine = TASK_RUN_EDGES.filter(({ from, by }) => isFinished(from) && by === "engine");
  expect(byEngine).toEqual([]);
  expect(RUN_EDGES.filter(({ from, by }) => isRunFinished(from) && by === "engine")).toEqual([]);
});

test("ST-2: the engine's edges of a task run are these and no others", () => {
  expect(targetsByEngine("scheduled")).toEqual([
    "deferred",
    "queued",
    "removed",
    "retrying",
    "skipped",
    "success",
    "upstream_failed",
  ]);
  expect(targetsByEngine("queued")).toEqual(["failed", "removed", "running", "scheduled", "skipped", "success"]);
  expect(targetsByEngine("running")).toEqual(["deferred", "failed", "removed", "retrying", "skipped", "success"]);
  expect(targetsByEngine("retrying")).toEqual(["failed", "queued", "removed", "scheduled"]);
  expect(targetsByEngine("deferred")).toEqual([
    ...["failed", "queued", "removed", "retrying", "scheduled", "skipped", "success"],
  ]);
});

test("ST-2: everything unfinished can be cancelled, everything can be marked, everything finished can be cleared", () => {
  for (const from of TASK_RUN_STATES) {
    expect(canMove(from, "cancelled")).toBe(!isFinished(from));
    expect(canMove(from, "success")).toBe(from !== "success");
    expect(canMove(from, "failed")).toBe(from !== "failed");
    const isBetweenAttempts = ["queued", "retrying", "deferred"].includes(from);
    expect(canMove(from, "scheduled")).toBe(isFinished(from) || isBetweenAttempts);
  }
});

test("ST-2: a run moves along these edges and no others", () => {
  const moves = RUN_STATES.map((from) => [from, RUN_STATES.filter((to) => canRunMove(from, to))]);
  expect(Object.fromEntries(moves)).toEqual({
    queued: ["running", "cancelling", "failed", "cancelled"],
    running: ["queued", "cancelling", "success", "failed", "cancelled"],
    cancelling: ["failed", "cancelled"],
    success: ["queued", "running", "failed"],
    failed: ["queued", "running", "success"],
    cancelled: ["queued", "running", "success", "failed"],
  });
});

test("ST-3, GR-1: only an attempt, or the start of a group, comes to retrying, and goes on by queued", () => {
  expect(TASK_RUN_STATES.filter((from) => canMove(from, "retrying"))).toEqual(["scheduled", "running", "deferred"]);
  expect(TASK_RUN_STATES.filter((from) => canMove(from, "running"))).toEqual(["queued"]);
  expect(canMove("retrying", "queued")).toBe(true);
});

test("ST-6: what is not in the table is refused, each edge is there once for each of its makers, with a reason", () => {
  expect(canMove("scheduled", "running")).toBe(false);
  expect(canMove("success", "queued")).toBe(false);
  for (const state of TASK_RUN_STATES) expect(canMove(state, state)).toBe(false);
  const keys = TASK_RUN_EDGES.map(({ from, to, by }) => `${from} ${to} ${by}`);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { why } of [...TASK_RUN_EDGES, ...RUN_EDGES]) expect(why.length).toBeGreaterThan(10);
});

function targetsByEngine(from: TaskRunState): readonly string[] {
  return TASK_RUN_EDGES.filter((edge) => edge.from === from && edge.by === "engine")
    .map(({ to }) => to)
    .sort();
}
