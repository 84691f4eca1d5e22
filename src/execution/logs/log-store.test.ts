import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type AppendFile, type Files, localFiles } from "../../ports/files.ts";
import { VirtualClock } from "../../testing/virtual-clock.ts";
import type { LogProblem } from "./log-file.ts";
import { type LogStoreSettings, localLogs } from "./log-store.ts";

const ATTEMPT = { runId: "0197-run", taskRunKey: 7, generation: 1, attempt: 2 };
const START = Date.UTC(2026, 0, 1);

test("an attempt that says nothing has no file", () => {
  const { folder, logs, clock } = setup();
  const log = logs.open(ATTEMPT);
  clock.runSoon();
  log.close();
  expect(readdirSync(folder)).toEqual([]);
  expect(logs.tail(ATTEMPT, 10).lines).toEqual([]);
});

test("lines carry their time, their stream and their text, in the order of arrival", () => {
  const { logs, clock } = setup();
  const log = logs.open(ATTEMPT);
  log.bytes("out", Buffer.from("one\ntwo\n"));
  clock.advanceBy(5);
  log.line("warn", "careful\nreally");
  log.bytes("err", Buffer.from("three\n"));
  log.close();
  expect(logs.read(ATTEMPT, 0).lines).toEqual([
    { at: START, tag: "out", text: "one", continued: false },
    { at: START, tag: "out", text: "two", continued: false },
    { at: START + 5, tag: "warn", text: "careful", continued: false },
    { at: START + 5, tag: "warn", text: "really", continued: false },
    { at: START + 5, tag: "err", text: "three", continued: false },
  ]);
});

test("B57: what arrived is in the file after the same turn, an unfinished line after 200 ms", () => {
  const { logs, clock } = setup();
  const log = logs.open(ATTEMPT);
  log.bytes("out", Buffer.from("done\npassword: "));
  clock.runSoon();
  expect(textsOf(logs)).toEqual(["done"]);
  clock.advanceBy(200);
  clock.runSoon();
  expect(logs.read(ATTEMPT, 0).lines.at(-1)).toEqual({
    at: START + 200,
    tag: "out",
    text: "password: ",
    continued: true,
  });
  log.bytes("out", Buffer.from("***\n"));
  clock.runSoon();
  expect(textsOf(logs)).toEqual(["done", "password: ", "***"]);
});

test("bytes that are no UTF-8 are kept and do not disturb their neighbours", () => {
  const { folder, logs } = setup();
  const log = logs.open(ATTEMPT);
  log.bytes("out", Buffer.from([0x61, 0xff, 0xfe, 0x00, 0x62, 0x0a]));
  log.bytes("out", Buffer.from("after\n"));
  log.close();
  expect(textsOf(logs)).toEqual(["a\ufffd\ufffd\0b", "after"]);
  expect(readFileSync(join(folder, "0197-run", "7.1.2.log")).includes(Buffer.from([0x61, 0xff, 0xfe]))).toBe(true);
});

test("a reader follows by offsets and never sees half a line", () => {
  const { logs, clock } = setup();
  const log = logs.open(ATTEMPT);
  let offset = 0;
  const seen: string[] = [];
  for (const text of ["a\n", "b\nc\n", "", "d\n"]) {
    log.bytes("out", Buffer.from(text));
    clock.runSoon();
    const page = logs.read(ATTEMPT, offset);
    seen.push(...page.lines.map((line) => line.text));
    offset = page.nextOffset;
  }
  expect(seen).toEqual(["a", "b", "c", "d"]);
});

test("a large log is read in pages, and its tail from the end", () => {
  const { logs } = setup();
  const log = logs.open(ATTEMPT);
  const count = 60_000;
  for (let index = 0; index < count; index++) log.bytes("out", Buffer.from(`line ${index}\n`));
  log.close();
  let page = logs.read(ATTEMPT, 0);
  let lines = page.lines.length;
  let pages = 1;
  while (!page.atEnd) {
    page = logs.read(ATTEMPT, page.nextOffset);
    lines += page.lines.length;
    pages += 1;
  }
  expect(lines).toBe(count);
  expect(pages).toBeGreaterThan(1);
  const tail = logs.tail(ATTEMPT, 5000);
  expect(tail.lines).toHaveLength(5000);
  expect(tail.lines[0]?.text).toBe(`line ${count - 5000}`);
  expect(tail.nextOffset).toBe(page.nextOffset);
  expect(logs.tail(ATTEMPT, 0).lines).toEqual([]);
});

test("past the limit the middle is dropped: the log says how much and keeps the end", () => {
  const { logs } = setup({ bytesMax: 10_000 });
  const log = logs.open(ATTEMPT);
  const line = `${"x".repeat(99)}\n`;
  for (let index = 0; index < 10_000; index++) log.bytes("out", Buffer.from(line));
  log.bytes("err", Buffer.from("the error at the end\n"));
  log.close();
  const { lines } = logs.read(ATTEMPT, 0);
  const notes = lines.filter(({ tag }) => tag === "batuta").map(({ text }) => text);
  expect(notes).toHaveLength(2);
  const dropped = Number(/\((\d+) bytes\) were dropped/.exec(notes[1] ?? "")?.[1]);
  const kept = lines.filter(({ tag }) => tag !== "batuta").reduce((sum, { text }) => sum + text.length + 1, 0);
  expect(kept + dropped).toBe(10_000 * line.length + "the error at the end\n".length);
  expect(kept).toBeLessThan(10_000 + 2 * 64 * 1024);
  expect(lines.at(-1)?.text).toBe("the error at the end");
});

test("what was unfinished when the limit was reached keeps its place before what came later", () => {
  const { logs } = setup({ bytesMax: 1_000 });
  const log = logs.open(ATTEMPT);
  log.bytes("out", Buffer.from(`${"x".repeat(1_000)}\nbegin `));
  log.bytes("out", Buffer.from("end\nlast\n"));
  log.close();
  expect(textsOf(logs).slice(-2)).toEqual(["begin end", "last"]);
});

test("B67: on a full disk the attempt goes on; when there is room again the log names its gap", () => {
  const disk = new FullableDisk();
  const problems: LogProblem[] = [];
  const { logs, clock } = setup({ files: disk.files, onProblem: (problem) => problems.push(problem) });
  const log = logs.open(ATTEMPT);
  log.bytes("out", Buffer.from("before\n"));
  clock.runSoon();
  disk.full = true;
  for (let index = 0; index < 3; index++) {
    log.bytes("out", Buffer.from("lost\n"));
    clock.runSoon();
  }
  expect(problems).toMatchObject([{ code: "ENOSPC" }]);
  disk.full = false;
  clock.advanceBy(1_000);
  log.bytes("out", Buffer.from("after\n"));
  log.close();
  const texts = textsOf(logs);
  expect([texts[0], texts.at(-1)]).toEqual(["before", "after"]);
  expect(texts.some((text) => /could not be written here: ENOSPC/.test(text))).toBe(true);
});

test("a gap that lasts to the end is named when there is room at the close", () => {
  const disk = new FullableDisk();
  const { logs, clock } = setup({ files: disk.files });
  const log = logs.open(ATTEMPT);
  disk.full = true;
  log.bytes("out", Buffer.from("lost\n"));
  clock.runSoon();
  disk.full = false;
  log.close();
  expect(textsOf(logs).at(-1)).toMatch(/could not be written here: ENOSPC/);
});

test.each([
  ["../../etc", 1],
  ["a/b", 1],
  ["..", 1],
  ["", 1],
  ["x\0", 1],
  ["ok", 1.5],
  ["ok", Number.NaN],
])("S09: the ids %j, %d never become a path", (runId, taskRunKey) => {
  const { logs } = setup();
  expect(() => logs.tail({ ...ATTEMPT, runId, taskRunKey }, 1)).toThrow("no log");
  expect(() => logs.open({ ...ATTEMPT, runId, taskRunKey })).toThrow("no log");
});

/** Writes half of the data before it fails, as a disk does. */
class FullableDisk {
  full = false;
  readonly files: Files = { ...localFiles, openAppend: (path) => this.#openAppend(path) };

  #openAppend(path: string): AppendFile {
    const file = localFiles.openAppend(path);
    return {
      append: (data) => {
        if (!this.full) return file.append(data);
        file.append(data.slice(0, data.length / 2));
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      },
      close: () => file.close(),
    };
  }
}

function setup(more: Partial<LogStoreSettings> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "batuta-logs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = new VirtualClock(START);
  return { folder, clock, logs: localLogs({ folder, files: localFiles, clock, ...more }) };
}

function textsOf(logs: ReturnType<typeof localLogs>): readonly string[] {
  return logs.read(ATTEMPT, 0).lines.map((line) => line.text);
}

test("one look tells which attempts of a run have written anything", () => {
  const { logs } = setup();
  expect(logs.written(ATTEMPT.runId)(ATTEMPT)).toBe(false);
  const log = logs.open(ATTEMPT);
  log.line("info", "hello");
  log.close();
  const isWritten = logs.written(ATTEMPT.runId);
  expect([isWritten(ATTEMPT), isWritten({ ...ATTEMPT, attempt: 1 })]).toEqual([true, false]);
  expect(() => logs.written("../0197-run")).toThrow("There is no log of a run");
});
