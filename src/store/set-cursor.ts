import { cursorText } from "../core/source-cursor.ts";
import { toCursorRecord } from "./cursor-records.ts";
import type { CursorRecord, CursorSetting } from "./cursor-store.ts";
import type { Transaction } from "./transaction.ts";
import { WorkingSet } from "./working-set.ts";

/** A person sets how far a source has been read. */
export async function setCursor(tx: Transaction, change: CursorSetting): Promise<CursorRecord | undefined> {
  const { project, pipeline, name, actor } = change;
  const value = cursorText(name, change.value);
  const [row] = await tx.cursors.lock([{ project, pipeline, name }]);
  if (row === undefined) throw new Error(`Cursor ${name} of ${pipeline} could not be locked`);
  const set = new WorkingSet(tx.now);
  set.cursors.know([row]);
  set.cursors.move(row, row.version, { value, runId: null, task: null, actor });
  const details = JSON.stringify({ pipeline, cursor: name, from: row.value, to: value });
  set.audit({ project, actor, action: "set_cursor", runKey: null, details });
  await tx.apply(set.changes());
  return toCursorRecord(row);
}
