import type { WallTime } from "../time-zone.ts";

/** What a schedule lists on a wall clock whose hands never jump. Undefined where there is nothing in that direction. */
export interface WallTimes {
  /** The first strictly after a wall time. */
  next(wall: WallTime): WallTime | undefined;
  /** The last strictly before a wall time. */
  previous(wall: WallTime): WallTime | undefined;
}
