import type { Instant } from "../core/instant.ts";
import type { PipelineName } from "./rows.ts";
import type { ScheduleRest } from "./schedule-store.ts";

/** Reads of schedules and deployments. */
export interface ScheduleReader {
  deployment(project: string): Promise<DeploymentRow | undefined>;
  /** Those of the current version, by pipeline and name. */
  schedules(project: string, pipeline?: string): Promise<readonly ScheduleRow[]>;
  /** When the next one is due. */
  nextScheduleAt(): Promise<Instant | undefined>;
  /** Those that are due, the longest waiting first. */
  dueSchedules(limit: number): Promise<readonly ScheduleRow[]>;
  /** Those that waited for their last run, which has ended. */
  schedulesAfterRun(limit: number): Promise<readonly ScheduleRow[]>;
  /** Those that wait for their function. */
  schedulesToAsk(limit: number): Promise<readonly ScheduleRow[]>;
  /** What was left out lately, the newest first. */
  scheduleGaps(scheduleKey: number, limit: number): Promise<readonly GapRow[]>;
}

/** Writes of schedules and deployments. Rows are locked before they are decided on. */
export interface ScheduleWriter extends ScheduleReader {
  /** Nobody else deploys the project until this transaction ends. Before any other lock. */
  lockDeployment(project: string): Promise<void>;
  saveDeployment(row: DeploymentRow): Promise<void>;
  /** All that the project ever had, in the order of their keys, locked. */
  lockSchedulesOf(project: string): Promise<readonly ScheduleRow[]>;
  insertSchedules(rows: readonly ScheduleInsert[]): Promise<void>;
  /** What deploying changes; the wake-up is due at once, unless it rests. */
  editSchedules(edits: readonly ScheduleEdit[]): Promise<void>;
  /** In the order of their keys, locked. */
  lockSchedules(keys: readonly number[]): Promise<readonly LockedScheduleRow[]>;
  decideSchedules(decisions: readonly ScheduleDecision[]): Promise<void>;
  /** JSON of a `TickAnswer`. */
  keepAnswer(key: number, answer: string): Promise<void>;
  /** For each whether its interval had no run before. */
  insertScheduledRuns(rows: readonly ScheduledRunInsert[]): Promise<readonly boolean[]>;
  /** What follows without a gap upon one of the same reason makes it longer. */
  noteGap(gap: GapInsert): Promise<void>;
  /** Those of a pipeline that is paused now. */
  restSchedules(pipeline: PipelineName): Promise<void>;
  /** Those of a pipeline that is paused no more are due at once. */
  wakeSchedules(pipeline: PipelineName): Promise<void>;
  /** Makes those due that have lost their wake-up; gives how many. */
  restoreSchedules(): Promise<number>;
}

export interface DeploymentRow {
  readonly project: string;
  readonly versionHash: string;
  /** JSON. */
  readonly kept: string;
  /** JSON. */
  readonly faults: string;
  readonly deployedAt: Instant;
  readonly deployedBy: string;
}

export interface ScheduleRow {
  readonly key: number;
  readonly project: string;
  readonly pipeline: string;
  readonly name: string;
  readonly generation: number;
  /** JSON of a `ScheduleSpec`, in canonical form. */
  readonly spec: string;
  readonly origin: Instant;
  readonly mark: Instant | null;
  readonly nextAt: Instant | null;
  readonly rest: ScheduleRest | null;
  readonly lastRun: string | null;
  readonly answer: string | null;
  /** JSON of a `ScheduleFault`. */
  readonly fault: string | null;
  readonly removedAt: Instant | null;
}

export interface ScheduleInsert {
  readonly project: string;
  readonly pipeline: string;
  readonly name: string;
  readonly spec: string;
  readonly origin: Instant;
  readonly nextAt: Instant | null;
  readonly rest: ScheduleRest | null;
}

/** What deploying makes of a schedule: a new generation, with all questions to its function open. */
export interface ScheduleEdit {
  readonly key: number;
  readonly spec: string;
  readonly origin: Instant;
  readonly nextAt: Instant | null;
  readonly rest: ScheduleRest | null;
  readonly fault: string | null;
  readonly removedAt: Instant | null;
}

export interface LockedScheduleRow extends ScheduleRow {
  readonly isPaused: boolean | number;
}

/** What was decided of a schedule that is locked. */
export interface ScheduleDecision extends Pick<ScheduleRow, "key" | "mark" | "nextAt" | "rest" | "lastRun" | "fault"> {}

export interface ScheduledRunInsert {
  readonly scheduleKey: number;
  readonly intervalEnd: Instant;
  readonly runId: string;
}

export interface GapRow {
  readonly reason: "missed" | "calendar";
  readonly from: Instant;
  readonly to: Instant;
  readonly ticks: number;
}

export interface GapInsert extends GapRow {
  readonly scheduleKey: number;
}
