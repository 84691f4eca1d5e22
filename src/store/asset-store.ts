import type { Instant } from "../core/instant.ts";
import type { RunId } from "./run-id.ts";
import type { TimerFiring } from "./timer-firing.ts";

/** Assets that must be made by a time of day. */
export interface AssetStore {
  /** Tells of assets that were not made in time. For engines that execute all of a project's runs. */
  missAssetDeadlines(): Promise<TimerFiring>;
  /** Those of the deployed version that have a deadline, in the order of their keys. */
  assetDeadlines(project: string): Promise<readonly AssetDeadlineRecord[]>;
}

export interface AssetDeadlineRecord {
  readonly asset: string;
  /** `by 08:00 (Europe/Berlin)` */
  readonly deadline: string;
  readonly nextAt: Instant;
  /** When it was made last; absent = never since it has a deadline. */
  readonly madeAt?: Instant;
  readonly madeBy?: RunId;
  /** The moment that it has missed, as long as it has not been made since. */
  readonly lateSince?: Instant;
}
