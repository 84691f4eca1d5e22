import type { SourceLocation } from "../../core/manifest.ts";

const LINES_AROUND = 2;
const LINE_CHARACTERS_MAX = 160;

/**
 * A few lines of the user's own source around a place, the line itself marked and a caret under its column:
 *
 *     11 |   const erp = task("extract_erp", fetchErp);
 *   > 12 |   task("join", { after: ["extract_cmr"] }, join);
 *        |   ^
 *     13 | });
 */
export function codeFrame(source: string, { line, column }: Pick<SourceLocation, "line" | "column">): string {
  const lines = source.split(/\r?\n/);
  const first = Math.max(1, line - LINES_AROUND);
  const last = Math.min(lines.length, line + LINES_AROUND);
  const width = String(last).length;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = (lines[number - 1] ?? "").slice(0, LINE_CHARACTERS_MAX);
    const mark = number === line ? ">" : " ";
    shown.push(`${mark} ${String(number).padStart(width)} | ${text}`.trimEnd());
    if (number === line && column !== undefined && column <= LINE_CHARACTERS_MAX) {
      shown.push(`  ${" ".repeat(width)} | ${caretIndent(text, column)}^`);
    }
  }
  return shown.join("\n");
}

/** Tabs stay tabs, so that the caret stands under its column however wide they are shown. */
function caretIndent(text: string, column: number): string {
  return text.slice(0, column - 1).replace(/[^\t]/g, " ");
}
