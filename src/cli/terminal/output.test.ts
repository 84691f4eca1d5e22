import { expect, it } from "vitest";
import { colorsWanted } from "./output.ts";

it.each([
  [{}, true, true],
  [{}, false, false],
  [{ TERM: "dumb" }, true, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true, false],
])("with %j on a terminal (%s) colours are %s", (env, isTty, wanted) => {
  expect(colorsWanted({ env, isTty, refused: false })).toBe(wanted);
  expect(colorsWanted({ env, isTty, refused: true })).toBe(false);
});
