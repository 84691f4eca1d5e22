import { expect, it } from "vitest";
import type { EventBody } from "../store/event-body.ts";
import type { EventRecord } from "../store/store.ts";
import { aRun, aTaskRun } from "./rows-for-tests.ts";
import { RunProgress } from "./run-progress.ts";

it("DM-1: counts the items of a map in place of the task run that stood for them, each once", () => {
  const progress = expanded(3);
  expect(progress.total).toBe(3);
  for (const mapKey of ["0", "1"]) progress.apply(event(1_000, item(mapKey, "running")));
  progress.apply(event(2_500, item("0", "success")));
  const failed = progress.apply(event(3_500, item("1", "failed")));
  expect(failed).toMatchObject({ mapKey: "1", startedAt: 1_000, finishedAt: 3_500 });
  expect(progress.task(0)?.copies).toEqual({ total: 3, finished: 2, running: 0, failed: 1 });
  expect([progress.count("success"), progress.count("failed"), progress.count("queued")]).toEqual([1, 1, 1]);
});

it("DM-1: knows when an attempt of an item began that is tried again", () => {
  const progress = expanded(1);
  progress.apply(event(1_000, item("0", "running")));
  progress.apply(event(2_000, item("0", "retrying")));
  expect(progress.apply(event(9_000, item("0", "cancelled")))).toMatchObject({ startedAt: 1_000, finishedAt: 9_000 });
  progress.apply(event(10_000, item("0", "queued")));
  expect(progress.apply(event(11_000, item("0", "running")))).toMatchObject({ startedAt: 11_000 });
});

function expanded(to: number): RunProgress {
  const progress = new RunProgress("running", [aTaskRun(0)]);
  progress.apply(event(500, { kind: "mapped", taskIndex: 0, mapKey: "", from: 0, to, begin: "queued" }));
  return progress;
}

function item(mapKey: string, to: Extract<EventBody, { kind: "task_state" }>["to"]): EventBody {
  return { kind: "task_state", taskIndex: 0, mapKey, from: "queued", to, attempt: 1, generation: 1, token: 1 };
}

function event(at: number, body: EventBody): EventRecord {
  return { cursor: String(at), at, runId: aRun().id, body };
}
