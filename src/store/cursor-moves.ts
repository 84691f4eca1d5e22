import type { CursorRow } from "./cursor-rows.ts";
import type { CursorName } from "./cursor-store.ts";

/** Where a cursor is to be: the row as it will be. */
export interface CursorMove extends CursorName {
  /** One more than that of the row which was locked. */
  readonly version: number;
  readonly value: string;
  readonly runId: string | null;
  readonly task: string | null;
  readonly actor: string | null;
}

/** The cursors that one transaction has locked, and those it moves. */
export class CursorMoves {
  readonly #versions = new Map<string, number>();
  readonly #moves = new Map<string, CursorMove>();

  know(rows: readonly Pick<CursorRow, keyof CursorName | "version">[]): void {
    for (const row of rows) this.#versions.set(textOf(row), row.version);
  }

  /** Whether it is still where it was at this version, and thus moves. */
  move(name: CursorName, version: number, to: Omit<CursorMove, keyof CursorName | "version">): boolean {
    const text = textOf(name);
    if (this.#versions.get(text) !== version) return false;
    const { project, pipeline } = name;
    this.#versions.set(text, version + 1);
    this.#moves.set(text, { project, pipeline, name: name.name, ...to, version: version + 1 });
    return true;
  }

  get all(): readonly CursorMove[] {
    return [...this.#moves.values()];
  }
}

function textOf({ project, pipeline, name }: CursorName): string {
  return JSON.stringify([project, pipeline, name]);
}
