import type { Failure, ResourceUsage } from "../core/failure.ts";
import type { DataInterval, Instant } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import type { ProjectManifest } from "../core/manifest.ts";
import type { RunDecision } from "../core/run-decision.ts";
import type { RunState, TaskRunState } from "../core/state.ts";
import type { UpstreamCounts } from "../core/trigger-rule.ts";
import type { BackfillId } from "./backfill-id.ts";
import type { RunParent } from "./child-records.ts";
import type { RunId } from "./run-id.ts";
import type { SessionId } from "./session-id.ts";

/** Runs and what belongs to them, as callers give them and readers see them. */

export interface VersionRecord {
  readonly hash: string;
  readonly project: string;
  readonly manifest: ProjectManifest;
}

export interface NewRun {
  readonly id: RunId;
  readonly project: string;
  readonly pipeline: string;
  readonly versionHash: string;
  readonly trigger: RunTrigger;
  readonly interval: DataInterval;
  readonly timezone: string;
  /** `YYYY-MM-DD` */
  readonly ds: string;
  readonly params: Json;
  /**
   * Names what was asked for: hash of pipeline, asked interval (or "now") and parameters. A second `batuta run` finds
   * the orphan of the first by it.
   */
  readonly requestKey: string;
  /** Only these tasks (`--task`); inputs from outside come from `borrowsFrom`. */
  readonly only?: readonly number[];
  readonly borrowsFrom?: RunId;
  /** The schedule whose interval it works on, whatever has triggered it; absent for a pipeline without. */
  readonly schedule?: string;
  /** The interval is no step of the schedule as it is now: the schedule was changed (TI-6). */
  readonly isPartial?: true;
  /** It works on several intervals of its schedule at once: it speaks for each of them (BF-2). */
  readonly isWide?: true;
  /** The run that is repeated with another version; kept in the audit. */
  readonly repeats?: RunId;
  /** The backfill it belongs to: it takes no place among the runs of its pipeline, and live runs go first. */
  readonly backfill?: BackfillId;
  /** Who asked. */
  readonly actor: string;
}

/** Where a run stands among those of its pipeline and schedule. */
export type IntervalPlace = Pick<NewRun, "project" | "pipeline" | "schedule" | "interval">;

export type RunTrigger = "schedule" | "manual" | "backfill" | "asset" | "api" | "sensor";

export interface RunRecord extends NewRun {
  /** Absent unless a task of another run has started it. */
  readonly parent?: RunParent;
  readonly state: RunState;
  readonly createdAt: Instant;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  readonly reason?: string;
  /** Unfinished task runs. */
  readonly unfinished: number;
  /** Failed or cancelled task runs without `allowFailure`. */
  readonly failing: number;
}

/** Runs that have ended are found by index within a project. */
export interface RunFilter {
  readonly project?: string;
  readonly pipeline?: string;
  readonly states?: readonly RunState[];
  /** What was asked for; of the runs that are not finished. */
  readonly requestKey?: string;
  /** Those of this backfill: one for each interval that it runs. */
  readonly madeByBackfill?: BackfillId;
  /** Public ids that begin with this. */
  readonly idPrefix?: string;
  readonly limit: number;
}

export interface TaskRunFilter {
  readonly states?: readonly TaskRunState[];
  readonly taskIndexes?: readonly number[];
}

export interface TaskRunRecord {
  /** The store's own small key; never shown to people. */
  readonly key: number;
  readonly runId: RunId;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly state: TaskRunState;
  readonly generation: number;
  /** Claims so far in this generation. */
  readonly attempt: number;
  readonly token: number;
  /** Replacements of lost attempts so far in this generation. */
  readonly lost: number;
  readonly upstream: UpstreamCounts;
  readonly laneId: number;
  /** What its value, its map or its group has decided. */
  readonly decision?: RunDecision;
  /** What the item of its map is called. */
  readonly label?: string;
  /** When a retrying task run is due. */
  readonly dueAt?: Instant;
  readonly queuedAt?: Instant;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  /** Why it is in this state: failure reason, `done_when`, the deciding rule, `operator`. */
  readonly reason?: string;
  readonly failure?: Failure;
}

export interface AttemptRecord {
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly generation: number;
  readonly attempt: number;
  readonly token: number;
  readonly sessionId: SessionId;
  readonly startedAt: Instant;
  readonly finishedAt?: Instant;
  /** Absent while it runs. */
  readonly outcome?: "success" | "failed" | "skipped" | "cancelled" | "lost";
  readonly failure?: Failure;
  readonly usage?: ResourceUsage;
}

/** A run as it would be created, and its task runs as they would begin. */
export interface RehearsedRun {
  readonly run: RunRecord;
  readonly taskRuns: readonly TaskRunRecord[];
}
