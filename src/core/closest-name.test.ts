import { expect, it } from "vitest";
import { closestName } from "./closest-name.ts";

const NAMES = ["extract_crm", "extract_erp", "join_sources", "load"];

it.each([
  ["extract_cmr", "extract_crm"],
  ["EXTRACT_ERP", "extract_erp"],
  ["join_source", "join_sources"],
  ["laod", "load"],
  ["lod", "load"],
  ["loaad", "load"],
])("%s probably means %s", (wrong, meant) => {
  expect(closestName(wrong, NAMES)).toBe(meant);
});

it.each(["publish", "x", ""])("%j is near no name", (wrong) => {
  expect(closestName(wrong, NAMES)).toBeUndefined();
});
