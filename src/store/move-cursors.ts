import { checkedCursorText } from "../core/source-cursor.ts";
import type { CursorName } from "./cursor-store.ts";
import type { TaskRunRow } from "./rows.ts";
import type { Completion, CompletionResult } from "./store.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Locks the cursors that these completions want to move: most transactions want none. */
export async function lockCursors(tx: Transaction, set: WorkingSet, completions: readonly Completion[]): Promise<void> {
  const names = completions.flatMap(({ taskRunKey, result }) => {
    const row = set.taskRun(taskRunKey);
    const name = row === undefined || !wantsMove(result) ? undefined : cursorOf(set, row);
    return name === undefined ? [] : [name];
  });
  if (names.length > 0) set.cursors.know(await tx.cursors.lock(inLockOrder(names)));
}

/**
 * Moves the cursor of a task with its success. Where somebody has set it since the attempt has read it, it stays there:
 * what the attempt has done is done, and the next one begins where the person wants it to.
 */
export function moveCursor(set: WorkingSet, row: TaskRunRow, result: CompletionResult): void {
  const name = cursorOf(set, row);
  if (!wantsMove(result) || name === undefined) return;
  const { runKey, taskIndex, mapKey, generation } = row;
  const { to, version } = result.cursor;
  const value = checkedCursorText(name.name, to);
  const task = set.taskSpec(row).name;
  const moved = set.cursors.move(name, version, { value, runId: set.run(runKey).after.id, task, actor: null });
  const shown = value.length <= SHOWN_CHARACTERS_MAX ? { value } : {};
  set.note(runKey, { kind: "cursor", taskIndex, mapKey, generation, name: name.name, moved, ...shown });
}

/** Events are for reading; a longer value is in the cursor alone. */
const SHOWN_CHARACTERS_MAX = 1_000;

function wantsMove(result: CompletionResult): result is Moving {
  return result.kind === "success" && result.cursor !== undefined;
}

type Moving = Extract<CompletionResult, { kind: "success" }> & Required<Pick<CompletionSuccess, "cursor">>;

type CompletionSuccess = Extract<CompletionResult, { kind: "success" }>;

function cursorOf(set: WorkingSet, row: TaskRunRow): CursorName | undefined {
  const { cursor } = set.taskSpec(row);
  if (cursor === undefined) return undefined;
  const { project, pipeline } = set.run(row.runKey).after;
  return { project, pipeline, name: cursor.name };
}

/** One after the other in one order, so that two transactions wait for each other and never both ways. */
function inLockOrder(names: readonly CursorName[]): readonly CursorName[] {
  const sorted = [...new Map(names.map((name) => [textOf(name), name]))].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return sorted.map(([, name]) => name);
}

function textOf({ project, pipeline, name }: CursorName): string {
  return JSON.stringify([project, pipeline, name]);
}
