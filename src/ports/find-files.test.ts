import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findFiles } from "./find-files.ts";

const LIMITS = { filesMax: 100, entriesMax: 1_000, signal: new AbortController().signal };

test("files that match are found with their size and time, folders and others are not", async () => {
  const dir = folder(["a.csv", "b.txt", "sub/c.csv", "sub/deep/d.csv", "folder.csv/x"]);
  utimesSync(join(dir, "a.csv"), 1_000, 2_000);
  const found = async (pattern: string) =>
    (await findFiles(join(dir, pattern), LIMITS)).files.map(({ path }) => path.slice(dir.length + 1));
  expect((await findFiles(join(dir, "*.csv"), LIMITS)).files).toEqual([
    { path: join(dir, "a.csv"), size: 5, modifiedMs: 2_000_000 },
  ]);
  expect(await found("**/*.csv")).toEqual(["a.csv", "sub/c.csv", "sub/deep/d.csv"]);
  expect(await found("{a,b}.*")).toEqual(["a.csv", "b.txt"]);
  expect(await found("b.txt")).toEqual(["b.txt"]);
  expect(await found("*.parquet")).toEqual([]);
});

test("a folder that is not there is told of, one that is none is an error", async () => {
  const dir = folder(["a.csv"]);
  expect(await findFiles(join(dir, "in/x/*.csv"), LIMITS)).toEqual({ files: [], missingFolder: join(dir, "in/x") });
  expect(await findFiles(join(dir, "in/a.csv"), LIMITS)).toEqual({ files: [], missingFolder: join(dir, "in") });
  await expect(findFiles(join(dir, "a.csv/*.csv"), LIMITS)).rejects.toThrow(/a\.csv cannot be read: it is no folder/);
});

test("neither too many files, nor too many others, nor too much time are borne", async () => {
  const dir = folder(Array.from({ length: 12 }, (_, index) => `${index}.csv`));
  await expect(findFiles(join(dir, "*.csv"), { ...LIMITS, filesMax: 11 })).rejects.toThrow(
    "There are more than 11 files that match.",
  );
  await expect(findFiles(join(dir, "**/*.txt"), { ...LIMITS, entriesMax: 11 })).rejects.toMatchObject({
    message: "There are more than 11 files and folders to look through.",
    hint: expect.stringContaining("narrow the pattern"),
  });
  const signal = AbortSignal.abort(new Error("too slow"));
  await expect(findFiles(join(dir, "*.csv"), { ...LIMITS, signal })).rejects.toThrow("too slow");
});

function folder(paths: readonly string[]): string {
  const dir = mkdtempSync(join(tmpdir(), "batuta-find-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const path of paths) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), "1,2,3");
  }
  return dir;
}
