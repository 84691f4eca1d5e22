import { expect, test } from "vitest";
import { type FileState, inOrderOfChange } from "./file-state.ts";
import { settleFiles } from "./settle-files.ts";

const NOW = Date.UTC(2026, 0, 2);
const RULES = { stableForMs: 5_000 };

test("each file counts when it has not changed for long enough, whatever others do", () => {
  const first = settleFiles(new Map(), [file("a", 1), file("b", 1)], { ...RULES, now: NOW });
  expect(first).toMatchObject({ settled: [], nextInMs: 5_000 });
  const second = settleFiles(first.seen, [file("a", 1), file("b", 2)], { ...RULES, now: NOW + 4_000 });
  expect(second).toMatchObject({ settled: [], nextInMs: 1_000 });
  const third = settleFiles(second.seen, [file("a", 1), file("b", 2)], { ...RULES, now: NOW + 5_000 });
  expect(third).toMatchObject({ settled: [{ path: "a" }], nextInMs: 4_000 });
  const last = settleFiles(third.seen, [file("a", 1), file("b", 2)], { ...RULES, now: NOW + 9_000 });
  expect(last.settled).toHaveLength(2);
  expect(last).not.toHaveProperty("nextInMs");
});

test("a file that was away, and a clock that was set back, begin anew; nobody waits who need not", () => {
  const { seen } = settleFiles(new Map(), [file("a", 1)], { ...RULES, now: NOW });
  const gone = settleFiles(seen, [], { ...RULES, now: NOW + 1_000 });
  expect(settleFiles(gone.seen, [file("a", 1)], { ...RULES, now: NOW + 6_000 }).settled).toEqual([]);
  expect(settleFiles(seen, [file("a", 1)], { ...RULES, now: NOW - 86_400_000 })).toMatchObject({ nextInMs: 5_000 });
  expect(settleFiles(new Map(), [file("a", 1)], { stableForMs: 0, now: NOW }).settled).toHaveLength(1);
});

test("files are in the order in which they were written", () => {
  const files = [{ ...file("a", 1), modifiedMs: 2 }, file("c", 1), file("b", 1)];
  expect(inOrderOfChange(files).map(({ path }) => path)).toEqual(["b", "c", "a"]);
});

function file(path: string, size: number): FileState {
  return { path, size, modifiedMs: 1 };
}
