import { expect, test } from "vitest";
import { mayBegin, runRoom } from "./run-admission.ts";

const IDLE = { running: 0, queued: 0, paused: false };

test("CC-1: sixteen runs of a pipeline may be under way unless it says otherwise", () => {
  expect(runRoom(IDLE)).toBe(16);
  expect(runRoom({ ...IDLE, running: 15 })).toBe(1);
  expect(runRoom({ ...IDLE, running: 2, maxRuns: 3 })).toBe(1);
});

test("CC-5: a limit below what runs, or of 0, lets no run begin", () => {
  expect(runRoom({ ...IDLE, running: 9, maxRuns: 3 })).toBe(0);
  expect(runRoom({ ...IDLE, maxRuns: 0 })).toBe(0);
});

test("CC-2: a new run begins at once only if there is room for it beside all that wait", () => {
  expect(mayBegin({ ...IDLE, maxRuns: 3, running: 1, queued: 1 })).toBe(true);
  expect(mayBegin({ ...IDLE, maxRuns: 3, running: 1, queued: 2 })).toBe(false);
});

test("no run of a paused pipeline begins", () => {
  expect(runRoom({ ...IDLE, paused: true })).toBe(0);
  expect(mayBegin({ ...IDLE, paused: true })).toBe(false);
});
