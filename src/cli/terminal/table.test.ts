import { expect, it } from "vitest";
import { RecordedOutput } from "../rows-for-tests.ts";
import { type Column, renderTable } from "./table.ts";
import { textWidth } from "./text-width.ts";

const COLUMNS: readonly Column[] = [
  { title: "NAME" },
  { title: "COUNT", align: "right", whenNarrow: "yields" },
  { title: "MEMORY", align: "right", whenNarrow: "yields" },
  { title: "NOTE", whenNarrow: "shrinks" },
];
const ROWS = [
  ["extract", "3", "1 MiB", "a rather long remark about it"],
  ["日本", "10,000", "", ""],
];

it("aligns columns by what is seen, and leaves no blanks at the ends", () => {
  expect(table(100)).toEqual([
    "NAME      COUNT  MEMORY  NOTE",
    "extract       3   1 MiB  a rather long remark about it",
    "日本     10,000",
  ]);
});

it("shrinks what may shrink first, then leaves out what may yield, the rightmost first", () => {
  expect(table(40)[1]).toBe("extract       3   1 MiB  a rather long …");
  expect(table(30)[0]).toBe("NAME      COUNT  NOTE");
  expect(table(20)).toEqual(["NAME     NOTE", "extract  a rathe…", "日本"]);
});

it("is never wider than the terminal, as long as what must stay fits", () => {
  for (let columns = 20; columns <= 80; columns++) {
    for (const line of table(columns)) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  }
});

function table(columns: number): string[] {
  return renderTable(COLUMNS, ROWS, new RecordedOutput({ columns })).split("\n");
}
