import { parseJson } from "../core/serialize-value.ts";
import type { CursorRow } from "./cursor-rows.ts";
import type { CursorMover, CursorRecord } from "./cursor-store.ts";

/** Undefined for one that was locked and never moved. */
export function toCursorRecord(row: CursorRow): CursorRecord | undefined {
  const { project, pipeline, name, version, value, movedAt } = row;
  if (value === null || movedAt === null) return undefined;
  return { project, pipeline, name, version, value: parseJson(value), movedAt, movedBy: moverOf(row) };
}

function moverOf({ runId, task, actor }: CursorRow): CursorMover {
  return actor === null ? { kind: "task", run: runId ?? "", task: task ?? "" } : { kind: "person", actor };
}
