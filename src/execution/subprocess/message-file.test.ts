import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { type LongLine, MessageFile } from "./message-file.ts";

test("lines are told once and whole, however they are appended", async () => {
  const { path, file, lines } = setup();
  for (const part of ["one\ntw", "o\n", "", "three\nfour"]) {
    appendFileSync(path, part);
    file.poll();
  }
  await file.finish();
  expect(lines).toEqual(["one", "two", "three", "four"]);
});

test("a line of many slices is one line, and UTF-8 is not cut", async () => {
  const { path, file, lines } = setup(10_000_000);
  const long = "€".repeat(1_500_000);
  writeFileSync(path, `${long}\nnext\n`);
  await file.finish();
  expect(lines.map((line) => line.length)).toEqual([long.length, 4]);
  expect(lines[0] === long).toBe(true);
});

test("a line beyond the limit is told by its place, and the next one is read", async () => {
  const { path, file, lines, long } = setup(1_000);
  const head = "first\n";
  const line = `begin${"x".repeat(3_000_000)}end`;
  writeFileSync(path, `${head}${line}\nlast\n${"y".repeat(2_000)}`);
  await file.finish();
  expect(lines).toEqual(["first", "last"]);
  expect(long.map(({ offset, bytes }) => [offset, bytes])).toEqual([
    [head.length, line.length],
    [head.length + line.length + 1 + 5, 2_000],
  ]);
  expect(long[0]?.ends).toMatch(/^begin.*end$/);
});

test("a file that is taken away ends the messages", async () => {
  const { path, file, lines } = setup();
  writeFileSync(path, "one\n");
  file.poll();
  rmSync(path);
  await file.finish();
  expect(lines).toEqual(["one"]);
});

function setup(lineBytesMax = 1_000_000) {
  const folder = mkdtempSync(join(tmpdir(), "batuta-messages-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "messages.jsonl");
  const lines: string[] = [];
  const long: LongLine[] = [];
  const events = {
    onLine: (line: string) => void lines.push(line),
    onLongLine: (line: LongLine) => void long.push(line),
  };
  return {
    path,
    lines,
    long,
    file: new MessageFile({ path, files: localFiles, clock: systemClock, lineBytesMax, events }),
  };
}
