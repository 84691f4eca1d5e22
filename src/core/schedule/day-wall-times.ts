import type { WallTime } from "../time-zone.ts";
import type { WallTimes } from "./wall-times.ts";

/** The same time of day, every so many days. */
export class DayWallTimes implements WallTimes {
  readonly #stepMs: number;
  readonly #anchor: WallTime;

  constructor({ days, anchor }: { readonly days: number; readonly anchor: WallTime }) {
    this.#stepMs = days * 86_400_000;
    this.#anchor = anchor;
  }

  next(wall: WallTime): WallTime {
    return this.#anchor + (Math.floor((wall - this.#anchor) / this.#stepMs) + 1) * this.#stepMs;
  }

  previous(wall: WallTime): WallTime {
    return this.#anchor + (Math.ceil((wall - this.#anchor) / this.#stepMs) - 1) * this.#stepMs;
  }
}
