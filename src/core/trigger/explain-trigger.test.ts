import { expect, test } from "vitest";
import { explainTrigger, sourceText } from "./explain-trigger.ts";
import type { TriggerSpec } from "./trigger-spec.ts";

const NOW = Date.UTC(2026, 0, 2);
const SPEC: TriggerSpec = {
  ...{ name: "orders", location: { file: "a.ts", line: 1 }, params: {} },
  source: { kind: "event", event: "orders", filter: { key: "eu", where: [{ path: "size", is: "gte", value: 10 }] } },
};
const QUIET = { spec: SPEC, pending: 0, pendingMax: 1_000, refused: [], isServed: true, now: NOW };

test("a trigger says what it waits for, and why what waits starts nothing", () => {
  const it = 'Trigger orders (on orders where key "eu", size gte 10)';
  expect(explainTrigger(QUIET)).toEqual([`${it} waits for events.`]);
  const two = { ...QUIET, pending: 2 };
  expect(explainTrigger({ ...two, isServed: false, lastRun: "0197" })).toEqual([
    `${it}: 2 events wait, and it is due.`,
    "No engine is running that fires triggers.",
    "Its last run is 0197.",
  ]);
  const soon = { ...two, nextAt: NOW + 20_000 };
  const debounced = { ...soon, spec: { ...SPEC, debounce: { quietMs: 30_000, maxWaitMs: 300_000 } } };
  expect(explainTrigger(debounced)).toEqual([
    `${it}: 2 events wait until it has been quiet for 30 s, in 20 s at the earliest.`,
  ]);
  const batched = { ...soon, openAt: NOW + 20_000, spec: { ...SPEC, batch: { everyMs: 60_000, max: 9 } } };
  expect(explainTrigger(batched)).toEqual([
    `${it}: 2 events wait for its next batch, in 20 s: one run in 1 min 00 s at most.`,
  ]);
  const pause = { by: "anna", at: NOW, reason: "repairs" };
  expect(explainTrigger({ ...two, pending: 1, pause })).toEqual([
    `${it}: 1 event waits, for anna has paused its pipeline at 2026-01-02T00:00:00Z: repairs`,
  ]);
  const fault = { message: "No file.", hint: "Send one.", since: NOW, times: 1 };
  expect(explainTrigger({ ...QUIET, fault, refused: [{ id: "7", fault: "No file." }] }).slice(1)).toEqual([
    ...["Since 2026-01-02T00:00:00Z: No file.", "Send one.", "Event 7 made no run: No file."],
  ]);
  expect(explainTrigger({ ...QUIET, pending: 1_000 })).toContain("More than 1,000 events wait for it.");
  expect(sourceText({ kind: "pipeline", pipeline: "daily", state: "failed", interval: "same" })).toBe(
    "after daily: failed",
  );
});

test("a trigger for files speaks of files, and says what stands in the way of looking", () => {
  const source = { kind: "file", glob: "in/*.csv", stableForMs: 1, pollEveryMs: 1, existing: "count" } as const;
  const question = { ...QUIET, spec: { ...SPEC, name: "files", source } };
  expect(explainTrigger(question)).toEqual(["Trigger files (on files in/*.csv) waits for files."]);
  const lookFault = { message: "There is no folder in.", hint: "Make it.", since: NOW };
  expect(explainTrigger({ ...question, pending: 2, lookFault })).toEqual([
    "Trigger files (on files in/*.csv): 2 files wait, and it is due.",
    "Since 2026-01-02T00:00:00Z: There is no folder in.",
    "Make it.",
  ]);
});
