import type { Instant } from "../core/instant.ts";
import type { CursorName } from "./cursor-store.ts";
import type { PipelineName } from "./rows.ts";
import type { RunId } from "./run-id.ts";

/** Reads of source cursors. */
export interface CursorReader {
  one(name: CursorName): Promise<CursorRow | undefined>;
  /** In the order of their names. */
  ofPipeline(name: PipelineName): Promise<readonly CursorRow[]>;
}

export interface CursorTable extends CursorReader {
  /** These cursors, made when missing; after the locks of runs. */
  lock(names: readonly CursorName[]): Promise<readonly CursorRow[]>;
}

export interface CursorRow extends CursorName {
  /** 0 = never moved: all that follows is null. */
  readonly version: number;
  readonly value: string | null;
  readonly movedAt: Instant | null;
  readonly runId: RunId | null;
  readonly task: string | null;
  readonly actor: string | null;
}
