import type { DataInterval, Instant } from "../../core/instant.ts";
import type { SourceLocation } from "../../core/source-location.ts";
import type { RunState, TaskRunState } from "../../core/state.ts";
import type { ProjectProblem } from "../../execution/project/problem.ts";
import type { Reload } from "./reload.ts";

/** Something that `batuta dev` tells, on the way of a day: a line for people, or one of JSON. */
export type DevReport =
  | StartReport
  | ReloadReport
  | RunReport
  | TaskReport
  | LateReport
  | TicksReport
  | SetAsideReport
  | MendedReport
  | TroubleReport
  | StopReport;

export interface StartReport {
  readonly kind: "started";
  readonly at: Instant;
  readonly project: string;
  readonly ms: number;
  readonly pipelines: number;
  /** The soonest first. */
  readonly schedules: readonly ScheduleReport[];
  readonly problems: readonly ProjectProblem[];
  /** Pipelines that run as they were, for their files are broken. */
  readonly kept: readonly string[];
  /** Runs that an earlier process has left unfinished. */
  readonly resumed: number;
}

export interface ScheduleReport {
  readonly pipeline: string;
  readonly schedule: string;
  /** As it was written. */
  readonly timing: string;
  readonly timezone: string;
  readonly nextAt?: Instant;
  /** Why it has no time to come. */
  readonly rest?: string;
}

export interface ReloadReport extends Reload {
  readonly kind: "reloaded";
  readonly at: Instant;
  /** Of the pipelines that were added or have changed. */
  readonly schedules: readonly ScheduleReport[];
}

export interface RunReport {
  readonly kind: "run";
  readonly at: Instant;
  readonly run: string;
  readonly pipeline: string;
  readonly ds: string;
  readonly interval: DataInterval;
  readonly trigger: string;
  readonly state: RunState;
  readonly durationMs?: number;
  readonly reason?: string;
}

export interface TaskReport {
  readonly kind: "task";
  readonly at: Instant;
  readonly run: string;
  readonly pipeline: string;
  readonly task: string;
  readonly state: TaskRunState;
  readonly attempt: number;
  readonly message?: string;
  readonly dueAt?: Instant;
}

/** A run, or a task of it, has missed a deadline. */
export interface LateReport {
  readonly kind: "late";
  readonly at: Instant;
  readonly run: string;
  readonly pipeline: string;
  readonly task?: string;
  /** `by 08:00` */
  readonly deadline: string;
  readonly dueAt: Instant;
  readonly waitsFor: readonly string[];
}

/** Ticks of a schedule that make no run. */
export interface TicksReport {
  readonly kind: "ticks_left_out";
  readonly at: Instant;
  readonly pipeline: string;
  readonly schedule: string;
  readonly reason: "missed" | "calendar";
  readonly from: Instant;
  readonly to: Instant;
  readonly ticks: number;
}

/** A schedule cannot be planned, or its function throws: it fires no more until it can. */
export interface SetAsideReport {
  readonly kind: "schedule_set_aside";
  readonly at: Instant;
  readonly pipeline: string;
  readonly schedule: string;
  readonly message: string;
  readonly hint?: string;
  readonly location?: SourceLocation;
  /** When it is tried again, unless another version is deployed before. */
  readonly againAt: Instant;
}

export interface MendedReport {
  readonly kind: "schedule_mended";
  readonly at: Instant;
  readonly pipeline: string;
  readonly schedule: string;
}

export interface TroubleReport {
  readonly kind: "trouble";
  readonly at: Instant;
  readonly message: string;
}

export interface StopReport {
  readonly kind: "stopping" | "killing" | "stopped";
  readonly at: Instant;
}
