import type { Instant } from "../../core/instant.ts";
import type { PipelineSpec, ProjectManifest } from "../../core/manifest.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import type { AssetDeadlineRecord } from "../../store/asset-store.ts";
import type { PausedPipeline, ScopeRecord } from "../../store/limit-records.ts";
import type { NewRun } from "../../store/store.ts";
import type { FoldedSchedule } from "./fold-schedules.ts";
import type { Unforeseen } from "./foreseen-schedule.ts";
import type { TaskTimes } from "./task-times.ts";

/** Everything that a look ahead starts from: a project as it stands now, as plain data. */
export interface ForeseenProject {
  readonly project: string;
  readonly now: Instant;
  readonly to: Instant;
  /** Pipelines as they are run ahead of time, with the schedules that are. */
  readonly manifest: ProjectManifest;
  readonly paused: readonly PausedPipeline[];
  /** Limits that operators have set. */
  readonly overrides: readonly ScopeRecord[];
  /** Assets with a deadline, as they stand: none in a project that was never deployed. */
  readonly assets: readonly AssetDeadlineRecord[];
  /** Runs that have begun, or wait, now; with their pipelines as they began. */
  readonly begun: readonly BegunRun[];
  readonly times: TaskTimes;
  readonly slots: number;
  readonly folded: readonly FoldedSchedule[];
  readonly unforeseen: readonly { readonly pipeline: string; readonly schedule: string; readonly why: Unforeseen }[];
}

export interface BegunRun {
  readonly run: NewRun;
  readonly pipeline: PipelineSpec;
  /** When it really began. */
  readonly startedAt?: Instant;
  /** By task: what is left of it; a task that has ended takes nothing any more. */
  readonly leftMs: ReadonlyMap<string, number>;
}

export interface PlacedSchedule {
  readonly pipeline: string;
  readonly spec: ScheduleSpec;
}
