import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { missingMigrations, readMigrations } from "./migrations.ts";

const HEADER = "-- Breaks running workers: no. A test.\n";

test.each(["sqlite", "postgres"])(
  "the migrations of %s are numbered without gap and say what they break",
  (dialect) => {
    const migrations = readMigrations(join(import.meta.dirname, dialect, "migrations"));
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
  },
);

test("migrations are read in order, and those that are missing follow the current version", () => {
  const folder = folderWith({ "0002_second.sql": `${HEADER}select 2`, "0001_first.sql": `${HEADER}select 1` });
  const migrations = readMigrations(folder);
  expect(migrations.map(({ name }) => name)).toEqual(["first", "second"]);
  expect(missingMigrations(migrations, 0, "db")).toHaveLength(2);
  expect(missingMigrations(migrations, 1, "db").map(({ name }) => name)).toEqual(["second"]);
  expect(missingMigrations(migrations, 2, "db")).toEqual([]);
});

test.each([
  ["a gap", { "0001_first.sql": HEADER, "0003_third.sql": HEADER }, "Migration 2 is missing"],
  ["a name without number", { "first.sql": HEADER }, "no name for a migration"],
  ["no word on running workers", { "0001_first.sql": "select 1" }, "must say"],
])("%s is refused", (_, files, message) => {
  expect(() => readMigrations(folderWith(files))).toThrow(message);
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "batuta-migrations-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
