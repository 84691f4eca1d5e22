import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ALL_MUTANTS } from "./all-mutants.ts";
import { OTHER_FIELD_BUGS } from "./field-bugs.ts";

const SOURCES = join(import.meta.dirname, "../../..");
const FIELD_BUGS = Array.from({ length: 68 }, (_, index) => `B${String(index + 1).padStart(2, "0")}`);

test.each(ALL_MUTANTS)("$file still has the text that '$name' changes, once", ({ file, text }) => {
  expect(readFileSync(join(SOURCES, file), "utf8").split(text)).toHaveLength(2);
});

test("no two mutants have the same name, and each says which bug of the field or which rule it is", () => {
  expect(new Set(ALL_MUTANTS.map(({ name }) => name)).size).toBe(ALL_MUTANTS.length);
  const strangers = ALL_MUTANTS.filter(({ stands }) => /^B\d/.test(stands) && !FIELD_BUGS.includes(stands));
  expect(strangers).toEqual([]);
});

test("each bug of the field is shown by a mutant, or it is said which test shows it or what is to come first", () => {
  const shown = new Set(ALL_MUTANTS.map(({ stands }) => stands));
  expect(FIELD_BUGS.filter((bug) => shown.has(bug) === Object.hasOwn(OTHER_FIELD_BUGS, bug))).toEqual([]);
});

test("what is said of the other bugs of the field names mutants and tests that are there", () => {
  const names = ALL_MUTANTS.map(({ name }) => name);
  const others = Object.values(OTHER_FIELD_BUGS);
  const named = others.flatMap((bug) => ("mutants" in bug ? bug.mutants : []));
  expect(named.filter((name) => !names.includes(name))).toEqual([]);
  const hunts = ALL_MUTANTS.flatMap((mutant) => mutant.hunts.filter((hunt) => hunt.endsWith(".test.ts")));
  const files = [...hunts, ...others.flatMap((bug) => ("tests" in bug ? bug.tests : []))];
  expect(files.filter((file) => !existsSync(join(SOURCES, file)))).toEqual([]);
});
