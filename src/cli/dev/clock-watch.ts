import { formatDuration } from "../../core/duration.ts";
import { type Instant, instantText } from "../../core/instant.ts";
import type { Duty } from "../../engine/service.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Store } from "../../store/store.ts";
import type { TroubleReport } from "./dev-report.ts";

/** What a clock is corrected by now and then, and what an answer takes on its way, is no setting of it. */
const SET_BACK_MS_MIN = 60_000;
const LOOK_EACH_MS = 10_000;

/**
 * Tells that the clock by which schedules fire was set back: they are silent until it has come to where it was (TI-3), and
 * whoever sits in front of them had better know why.
 */
export class ClockWatch implements Duty {
  readonly name = "clock-watch";
  readonly #store: Pick<Store, "now">;
  readonly #clock: Pick<Clock, "mono">;
  /** The store's clock less the monotonic one, when it was looked at last. */
  #ahead = Number.NEGATIVE_INFINITY;
  onReport: (report: TroubleReport) => void = () => {};

  constructor(store: Pick<Store, "now">, clock: Pick<Clock, "mono">) {
    this.#store = store;
    this.#clock = clock;
  }

  async poll(): Promise<number> {
    const at = await this.#store.now();
    const ahead = at - this.#clock.mono();
    const byMs = this.#ahead - ahead;
    this.#ahead = ahead;
    if (byMs >= SET_BACK_MS_MIN) this.onReport({ kind: "trouble", at, message: setBack(byMs, at + byMs) });
    return LOOK_EACH_MS;
  }
}

function setBack(byMs: number, was: Instant): string {
  return `The clock was set back by ${formatDuration(byMs)}. Nothing comes again: schedules go on where they were, about ${instantText(was)}.`;
}
