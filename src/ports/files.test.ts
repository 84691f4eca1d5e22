import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { localFiles } from "./files.ts";

it("makes a folder with those above it, for the owner alone, and again without harm", () => {
  const folder = join(temporaryFolder(), "a", "b", "c");
  localFiles.makeFolder(folder);
  localFiles.makeFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it("names the file that is in the way of a folder", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  expect(() => localFiles.makeFolder(join(folder, "file"))).toThrow(expect.objectContaining({ code: "EEXIST" }));
  expect(() => localFiles.makeFolder(join(folder, "file", "below"))).toThrow(
    expect.objectContaining({ code: "ENOTDIR" }),
  );
});

it("comes back with an error from places where no folder can ever be", () => {
  expect(() => localFiles.makeFolder("/proc/nowhere/at/all")).toThrow(
    expect.objectContaining({ code: expect.any(String) }),
  );
});

it("replaces a file as a whole and leaves nothing beside it", () => {
  const folder = temporaryFolder();
  const path = join(folder, "new", "value.json");
  localFiles.writeAtomic(path, "one");
  localFiles.writeAtomic(path, "two");
  expect(localFiles.readText(path)).toBe("two");
  expect(readdirSync(join(folder, "new"))).toEqual(["value.json"]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("says how much room is left, and follows the links it makes", () => {
  const folder = temporaryFolder();
  expect(localFiles.freeBytes(folder)).toBeGreaterThan(0);
  localFiles.writeAtomic(join(folder, "target"), "x");
  localFiles.link(join(folder, "target"), join(folder, "link"));
  expect(localFiles.readText(join(folder, "link"))).toBe("x");
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "batuta-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
