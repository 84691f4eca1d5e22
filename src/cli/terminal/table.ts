import type { Output } from "./output.ts";
import { fitWidth, padEnd, padStart, textWidth } from "./text-width.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** What happens to it on a narrow terminal: `shrinks` is cut, `yields` is left out, the rightmost first. */
  readonly whenNarrow?: "shrinks" | "yields";
}

/** Rows under titles, columns two spaces apart, no lines: easy to read and to cut with awk. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  output: Pick<Output, "columns" | "colors">,
): string {
  const fitting = fittingColumns(columns, rows, output.columns);
  const titles = fitting.map(({ column, width }) => output.colors.dim(aligned(column.title, width, column.align)));
  const lines = rows.map((row) =>
    fitting.map(({ column, index, width }) => aligned(fitWidth(row[index] ?? "", width), width, column.align)),
  );
  return [titles, ...lines].map((cells) => cells.join(BETWEEN).trimEnd()).join("\n");
}

const BETWEEN = "  ";

function aligned(text: string, width: number, align: Column["align"]): string {
  return align === "right" ? padStart(text, width) : padEnd(text, width);
}

interface FittingColumn {
  readonly column: Column;
  /** Its place in the rows. */
  readonly index: number;
  width: number;
}

/** Cuts the shrinking columns, the widest first, then leaves out the yielding ones, until the rest fits. */
function fittingColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  available: number,
): readonly FittingColumn[] {
  let fitting = columns.map((column, index): FittingColumn => {
    const width = rows.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? "")), textWidth(column.title));
    return { column, index, width };
  });
  for (let excess = totalWidth(fitting) - available; excess > 0; excess = totalWidth(fitting) - available) {
    const widest = widestShrinking(fitting);
    const yielding = fitting.findLast(({ column }) => column.whenNarrow === "yields");
    if (widest !== undefined) widest.width -= 1;
    else if (yielding !== undefined) fitting = fitting.filter((column) => column !== yielding);
    else break;
  }
  return fitting;
}

function totalWidth(columns: readonly FittingColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width + BETWEEN.length, -BETWEEN.length);
}

function widestShrinking(columns: readonly FittingColumn[]): FittingColumn | undefined {
  return columns
    .filter(
      ({ column, width }) => column.whenNarrow === "shrinks" && width > Math.max(SHRUNK_WIDTH_MIN, column.title.length),
    )
    .reduce<FittingColumn | undefined>(
      (widest, column) => (column.width > (widest?.width ?? 0) ? column : widest),
      undefined,
    );
}

const SHRUNK_WIDTH_MIN = 8;
