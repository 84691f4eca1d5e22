import { expect, test } from "vitest";
import { codeFrame } from "./code-frame.ts";

const SOURCE = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`).join("\n");

test("the line is marked between its neighbours, with a caret under the column", () => {
  expect(codeFrame(SOURCE, { line: 9, column: 3 })).toBe(
    ["   7 | line 7", "   8 | line 8", ">  9 | line 9", "     |   ^", "  10 | line 10", "  11 | line 11"].join("\n"),
  );
});

test("the first and the last line have neighbours on one side alone", () => {
  expect(codeFrame("a\r\nb\r\n", { line: 1 })).toBe("> 1 | a\n  2 | b\n  3 |");
  expect(codeFrame("a\nb", { line: 2, column: 1 })).toBe("  1 | a\n> 2 | b\n    | ^");
});

test("tabs before the column stay tabs, and long lines are cut", () => {
  expect(codeFrame("\t\tx = = 1", { line: 1, column: 3 })).toBe("> 1 | \t\tx = = 1\n    | \t\t^");
  const [line = ""] = codeFrame("x".repeat(1_000), { line: 1, column: 900 }).split("\n");
  expect(line.length).toBeLessThan(200);
});
