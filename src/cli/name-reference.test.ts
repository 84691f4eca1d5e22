import { expect, it } from "vitest";
import { findByName } from "./name-reference.ts";

const NAMES = ["load", "load_warehouse", "extract_crm", "extract_erp"];

it.each([
  ["load", 0],
  ["load_w", 1],
  ["extract_c", 2],
])("finds %s by its name or a beginning that no other has", (text, index) => {
  expect(findByName("task", text, NAMES)).toBe(index);
});

it.each([
  ["extract", "usage", "Write more of it: extract_crm, extract_erp."],
  [
    "extract_cmr",
    "not_found",
    'Did you mean "extract_crm"? There are: load, load_warehouse, extract_crm, extract_erp.',
  ],
  ["", "not_found", "There are: load"],
])("refuses %j with what to write instead", (text, code, hint) => {
  expect(() => findByName("task", text, NAMES)).toThrow(
    expect.objectContaining({ code, hint: expect.stringContaining(hint) }),
  );
});

it("does not list ten thousand names", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `part_${index}`);
  expect(() => findByName("task", "zzz", many)).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/part_19 and 9980 more\.$/) }),
  );
});
