import { toCursorRecord } from "./cursor-records.ts";
import type { CursorName, CursorRecord, CursorSetting, CursorStore } from "./cursor-store.ts";
import { setCursor } from "./set-cursor.ts";
import { StoredSignals } from "./stored-signals.ts";

/** How far tasks have read their sources. */
export abstract class StoredCursors extends StoredSignals implements CursorStore {
  cursor(name: CursorName): Promise<CursorRecord | undefined> {
    return this.database.read(async (rows) => {
      const row = await rows.cursors.one(name);
      return row === undefined ? undefined : toCursorRecord(row);
    });
  }

  cursors(project: string, pipeline: string): Promise<readonly CursorRecord[]> {
    return this.database.read(async (rows) =>
      (await rows.cursors.ofPipeline({ project, pipeline })).flatMap((row) => toCursorRecord(row) ?? []),
    );
  }

  setCursor(change: CursorSetting): Promise<CursorRecord | undefined> {
    return this.database.write((tx) => setCursor(tx, change));
  }
}
