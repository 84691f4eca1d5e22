import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { plainTask } from "../core/plain-task-for-tests.ts";
import type { TriggerRule } from "../core/trigger-rule.ts";
import { localFiles } from "../ports/files.ts";
import { localBlobs } from "./blobs.ts";
import type { AttemptOrder, MappedEntry, MappedValue } from "./executor.ts";
import { writeJsonLines, writeMappedFile } from "./mapped-file.ts";
import { MappedInput } from "./pool/mapped-input.ts";

const one = (json: string): MappedEntry => ({ kind: "one", state: "success", value: { kind: "inline", json } });
const many = (length: number): MappedEntry => ({ kind: "many", length });

test("DM-3: programs find a JSON text a line, and lists where maps nest", async () => {
  const parts = setup();
  const { hash, bytes } = await parts.blobs.put(JSON.stringify("x".repeat(3_000_000)));
  const blob: MappedEntry = { kind: "one", state: "success", value: { kind: "blob", hash, bytes } };
  const failed: MappedEntry = { kind: "one", state: "failed" };
  expect(await linesOf("all_success", [one("1"), one('{\n"a":2}'), blob])).toEqual([
    "1",
    '{ "a":2}',
    "x".repeat(3_000_000),
  ]);
  expect(await linesOf("all_done", [one("1"), failed])).toEqual([
    '{"state":"success","value":1}',
    '{"state":"failed"}',
  ]);
  const nested = [many(2), one("1"), one("2"), many(0), many(1), many(2), one("3"), one("4")];
  expect(await linesOf("all_success", nested)).toEqual(["[1,2]", "[]", "[[3,4]]"]);

  async function linesOf(when: TriggerRule, entries: readonly MappedEntry[]): Promise<readonly string[]> {
    const order = { task: plainTask("join", { when }) } as AttemptOrder;
    const path = await writeJsonLines("all", mappedOf(entries), { ...parts, order });
    const lines = readFileSync(path, "utf8").split("\n");
    expect(lines.pop()).toBe("");
    return lines.map((line) => (line.length > 1_000 ? String(JSON.parse(line)) : line));
  }
});

test("DM-3: values are read one by one, whatever lies between them, and as often as somebody asks", async () => {
  const { folder, files, blobs } = setup();
  const long = JSON.stringify("y".repeat(700_000));
  const entries = [many(2), one(long), many(1), one("1"), many(0), many(1), one('"end"')];
  const file = await writeMappedFile("all", mappedOf(entries), { folder, files, blobs });
  const input = new MappedInput(3, { file, files, blobs, shaped: ({ value }) => value });
  for (let turn = 0; turn < 2; turn++) expect(await deep(input)).toEqual([["y".repeat(700_000), [1]], [], ["end"]]);
  expect(JSON.stringify(input)).toBe('{"length":3}');
});

async function deep(value: unknown): Promise<unknown> {
  return value instanceof MappedInput ? Promise.all((await value.toArray()).map(deep)) : value;
}

/** In portions of two. */
function mappedOf(entries: readonly MappedEntry[]): MappedValue {
  return {
    length: 0,
    async *portions() {
      for (let at = 0; at < entries.length; at += 2) yield entries.slice(at, at + 2);
    },
  };
}

function setup() {
  const folder = mkdtempSync(join(tmpdir(), "batuta-mapped-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { folder, files: localFiles, blobs: localBlobs(join(folder, "blobs"), localFiles) };
}
