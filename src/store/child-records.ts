import type { RunState } from "../core/state.ts";

export interface ChildSettlement {
  /** Waits that have ended. */
  readonly settled: number;
}

/** A run that was started by a task of another. */
export interface ChildRecord {
  readonly parent: Omit<RunParent, "root" | "depth"> & { readonly generation: number; readonly attempt: number };
  readonly runId: string;
  readonly pipeline: string;
  readonly state: RunState;
  readonly isAwaited: boolean;
}

/** The task run that has started a run. */
export interface RunParent {
  readonly runId: string;
  readonly taskIndex: number;
  readonly mapKey: string;
  /** The run with which it all began. */
  readonly root: string;
  /** 1 for a run that was started by one that nobody has started. */
  readonly depth: number;
}
