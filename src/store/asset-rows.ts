import type { Instant } from "../core/instant.ts";

/** Reads of assets with deadlines. */
export interface AssetReader {
  /** When the next moment of one comes. */
  nextAt(): Promise<Instant | undefined>;
  /** Those of the current version, in the order of their keys. */
  ofProject(project: string): Promise<readonly AssetRow[]>;
}

export interface AssetTable extends AssetReader {
  /** All that the project ever had, locked. */
  lockAll(project: string): Promise<readonly AssetRow[]>;
  /** Made or changed by a deployment; `nextAt` of null = the current version has no such deadline. */
  save(rows: readonly Pick<AssetRow, "project" | "asset" | "spec" | "nextAt">[]): Promise<void>;
  /** Whose moment has come, locked; a few. */
  lockDue(): Promise<readonly AssetRow[]>;
  /** What was found when they were looked at. */
  note(findings: readonly AssetFinding[]): Promise<void>;
}

export interface AssetRow {
  readonly project: string;
  readonly asset: string;
  /** JSON of an `AssetDeadline`, in canonical form. */
  readonly spec: string;
  readonly nextAt: Instant | null;
  readonly madeAt: Instant | null;
  readonly madeBy: string | null;
  /** The last moment that was missed. */
  readonly missedDue: Instant | null;
  readonly missedAt: Instant | null;
}

export interface AssetFinding {
  readonly project: string;
  readonly asset: string;
  readonly nextAt: Instant;
  readonly missedDue: Instant | null;
}

/** An asset was made. */
export interface AssetMade {
  readonly project: string;
  readonly asset: string;
  readonly runId: string;
}
