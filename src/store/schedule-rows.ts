import type { Instant } from "../core/instant.ts";
import type { ScheduleRest } from "./schedule-store.ts";

/** Reads of schedules and deployments. */
export interface ScheduleReader {
  deployment(project: string): Promise<DeploymentRow | undefined>;
  /** Those of the current version, by pipeline and name. */
  schedules(project: string, pipeline?: string): Promise<readonly ScheduleRow[]>;
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

/** What deploying makes of a schedule: a new generation, without a fault and with all questions to its function open. */
export interface ScheduleEdit {
  readonly key: number;
  readonly spec: string;
  readonly origin: Instant;
  readonly nextAt: Instant | null;
  readonly rest: ScheduleRest | null;
  readonly removedAt: Instant | null;
}
