import type { DataInterval, Instant } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import type { SourceLocation } from "../core/source-location.ts";
import type { RunState, TaskRunState } from "../core/state.ts";
import type { MissedFacts } from "./deadline-store.ts";

export interface WorkOfRun {
  readonly trigger: string;
  readonly interval: DataInterval;
  /** `YYYY-MM-DD` */
  readonly ds: string;
  readonly schedule?: string;
  readonly isPartial?: true;
}

/** One state change or fact, as readers of the events see it. */
export type EventBody =
  | {
      readonly kind: "run_state";
      readonly from: RunState | null;
      readonly to: RunState;
      readonly reason?: string;
      readonly actor?: string;
      /** With `from: null`: what it works on. */
      readonly work?: WorkOfRun;
    }
  | {
      readonly kind: "task_state";
      readonly taskIndex: number;
      readonly mapKey: string;
      readonly from: TaskRunState;
      readonly to: TaskRunState;
      readonly generation: number;
      readonly attempt: number;
      readonly token: number;
      readonly reason?: string;
      readonly message?: string;
      readonly actor?: string;
      /** With `to: retrying`: when it is due. */
      readonly dueAt?: Instant;
    }
  | {
      /** A map has become one task run for each item; they begin in this state. */
      readonly kind: "mapped";
      readonly taskIndex: number;
      /** That of the task run which stood for them. */
      readonly mapKey: string;
      /** Those of the items from `from` to `to` - 1 are new. */
      readonly from: number;
      readonly to: number;
      readonly begin: TaskRunState;
    }
  | {
      readonly kind: "dead_letter";
      readonly taskIndex: number;
      readonly mapKey: string;
      readonly generation: number;
      readonly state: "open" | "replayed" | "resolved";
      readonly actor?: string;
      /** With `open`: it was given to somebody, or taken back. */
      readonly assignedTo?: string | null;
    }
  /** The key of its result could not be computed: nothing was looked up, and nothing is kept. */
  | {
      readonly kind: "cache_passed";
      readonly taskIndex: number;
      readonly mapKey: string;
      readonly generation: number;
      readonly why: string;
    }
  /** It is late: told once, while it is, with what there is to know. Alerts hang on it. */
  | ({ readonly kind: "deadline_missed"; readonly taskIndex?: number } & MissedFacts)
  /** An asset was not made by its time of day. An event of the project, and of no run. */
  | ({ readonly kind: "asset_deadline_missed"; readonly project: string; readonly asset: string } & Omit<
      MissedFacts,
      "task"
    >)
  /** A task wanted to move its cursor; not moved: somebody had set it meanwhile. */
  | {
      readonly kind: "cursor";
      readonly taskIndex: number;
      readonly mapKey: string;
      readonly generation: number;
      readonly name: string;
      readonly moved: boolean;
      /** JSON text of where it wanted it, unless it is long. */
      readonly value?: string;
    }
  /** Ticks of a schedule that make no run: nobody was there to fire them, or a filter of its calendar leaves them out. */
  | {
      readonly kind: "ticks_left_out";
      readonly project: string;
      readonly pipeline: string;
      readonly schedule: string;
      readonly reason: "missed" | "calendar";
      readonly from: Instant;
      readonly to: Instant;
      readonly ticks: number;
    }
  /** A schedule cannot be planned, or its function throws: it alone fires no more until it can. */
  | {
      readonly kind: "schedule_set_aside";
      readonly project: string;
      readonly pipeline: string;
      readonly schedule: string;
      readonly message: string;
      readonly hint?: string;
      readonly location?: SourceLocation;
      readonly againAt: Instant;
    }
  | {
      readonly kind: "schedule_mended";
      readonly project: string;
      readonly pipeline: string;
      readonly schedule: string;
    }
  /** With the failure of this run its pipeline was paused. */
  | { readonly kind: "pipeline_paused"; readonly reason: string }
  | { readonly kind: "alert_due"; readonly taskIndex: number; readonly generation: number }
  | { readonly kind: "materialised"; readonly taskIndex: number; readonly asset: string; readonly metadata?: Json };
