import type { Instant } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import type { RunId } from "./run-id.ts";

/** How far tasks have read their sources: read by those who start them, set by people. */
export interface CursorStore {
  /** Undefined while nothing has moved it. */
  cursor(name: CursorName): Promise<CursorRecord | undefined>;
  /** All cursors of a pipeline that have been moved, in the order of their names. */
  cursors(project: string, pipeline: string): Promise<readonly CursorRecord[]>;
  /** An attempt that has read it before ends as it ends and does not move it any more. Gives it as it was before. */
  setCursor(change: CursorSetting): Promise<CursorRecord | undefined>;
}

export interface CursorName {
  readonly project: string;
  readonly pipeline: string;
  readonly name: string;
}

export interface CursorRecord extends CursorName {
  readonly value: Json;
  /** How often it has been moved. */
  readonly version: number;
  readonly movedAt: Instant;
  readonly movedBy: CursorMover;
}

export type CursorMover =
  | { readonly kind: "task"; readonly run: RunId; readonly task: string }
  | { readonly kind: "person"; readonly actor: string };

export interface CursorSetting extends CursorName {
  readonly value: Json;
  readonly actor: string;
}

/** Where a success wants its cursor. */
export interface CursorAdvance {
  /** JSON text. */
  readonly to: string;
  /** How often the cursor had been moved when the attempt read it. */
  readonly version: number;
}
