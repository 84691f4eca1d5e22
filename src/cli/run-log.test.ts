import { describe, expect, it } from "vitest";
import type { LogLine, LogTag } from "../execution/logs/log-line.ts";
import { anAttempt, aPipeline, aRun, aTaskRun } from "./rows-for-tests.ts";
import { AttemptReader, type AttemptSource, attemptSources, mergedLines } from "./run-log.ts";

describe("the log of a run", () => {
  it("merges attempts by time, and keeps the order within each of them", () => {
    const lines = merged({
      a: [line(1, "a1"), line(5, "a2"), line(4, "a3")],
      b: [line(2, "b1"), line(2, "b2")],
      c: [],
    });
    expect(lines).toEqual(["a1", "b1", "b2", "a2", "a3"]);
  });

  it("merges many attempts in their order of time", () => {
    const logs = Object.fromEntries(
      Array.from(
        { length: 200 },
        (_, reader) =>
          [
            `t${reader}`,
            Array.from({ length: 5 }, (_, index) => line((index * 7_919 + reader * 104_729) % 9_973, "x")),
          ] as const,
      ),
    );
    const sorted = Object.fromEntries(
      Object.entries(logs).map(([name, own]) => [name, own.sort((one, other) => one.at - other.at)]),
    );
    const times = [...mergedLines(readers(sorted))].map(({ at }) => at);
    expect(times).toHaveLength(1_000);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });

  it("reads pages as they are needed, and what is added later", () => {
    const log = [line(1, "one"), line(2, "two"), line(3, "three")];
    const reader = new AttemptReader(source("a"), pagesOf(log, 1));
    expect([...mergedLines([reader])].map(({ text }) => text)).toEqual(["one", "two", "three"]);
    expect(reader.peek()).toBeUndefined();
    log.push(line(4, "four"));
    expect([...mergedLines([reader])].map(({ text }) => text)).toEqual(["four"]);
  });

  it("joins the pieces of a long line, each stream by itself, and gives up the rest at the end", () => {
    const pieces = [piece(1, "out", "a long "), piece(2, "err", "half"), { ...line(3, "line"), tag: "out" as const }];
    const [reader] = readers({ a: pieces });
    expect([...mergedLines(reader === undefined ? [] : [reader])].map(({ at, text }) => [at, text])).toEqual([
      [1, "a long line"],
    ]);
    expect(reader?.rest().map(({ text }) => text)).toEqual(["half"]);
  });

  it("begins with the last lines when only these are wanted", () => {
    const log = [line(1, "one"), line(2, "two"), line(3, "three")];
    const reader = new AttemptReader(source("a"), pagesOf(log, 10), 2);
    expect([...mergedLines([reader])].map(({ text }) => text)).toEqual(["two", "three"]);
    log.push(line(4, "four"));
    expect(reader.take()?.text).toBe("four");
  });

  it("knows the attempts that have a log, in the order in which they began", () => {
    const pipeline = aPipeline({ first: [], second: [] });
    const { finishedAt: _, ...running } = anAttempt(0, { attempt: 2, startedAt: 30 });
    const attempts = [anAttempt(1, { startedAt: 20 }), running, anAttempt(0, { startedAt: 10 })];
    const found = attemptSources({ run: aRun(), pipeline }, [aTaskRun(0), aTaskRun(1)], attempts);
    expect(found.map(({ task, attempt, finished }) => [task, attempt, finished])).toEqual([
      ["first", 1, true],
      ["second", 1, true],
      ["first", 2, false],
    ]);
  });
});

function merged(logs: Readonly<Record<string, LogLine[]>>): string[] {
  return [...mergedLines(readers(logs))].map(({ text }) => text);
}

function readers(logs: Readonly<Record<string, LogLine[]>>): AttemptReader[] {
  return Object.entries(logs).map(([task, log]) => new AttemptReader(source(task), pagesOf(log, 2)));
}

/** A log whose offsets are numbers of lines. */
function pagesOf(log: readonly LogLine[], pageLines: number) {
  return {
    read: (_: unknown, from: number) => {
      const lines = log.slice(from, from + pageLines);
      return { lines, nextOffset: from + lines.length, atEnd: from + lines.length >= log.length };
    },
    tail: (_: unknown, count: number) => ({ lines: log.slice(-count), nextOffset: log.length, atEnd: true }),
  };
}

function source(task: string): AttemptSource {
  return {
    task,
    taskIndex: 0,
    mapKey: "",
    runId: aRun().id,
    taskRunKey: 1,
    generation: 1,
    attempt: 1,
    finished: false,
  };
}

function line(at: number, text: string): LogLine {
  return { at, tag: "out", text, continued: false };
}

function piece(at: number, tag: LogTag, text: string): LogLine {
  return { at, tag, text, continued: true };
}
