import type { Instant } from "../../core/instant.ts";
import type { EventBody } from "../../store/event-body.ts";
import type { TicksReport } from "./dev-report.ts";

type LeftOut = Extract<EventBody, { kind: "ticks_left_out" }>;

/**
 * Adds up what schedules leave out. One that catches up with a year has a range of it for each night, and nobody reads
 * hundreds of lines: each schedule and reason is told once, with the whole span.
 */
export class TicksLeftOut {
  readonly #sums = new Map<string, TicksReport>();
  readonly #tell: (report: TicksReport) => void;

  constructor(tell: (report: TicksReport) => void) {
    this.#tell = tell;
  }

  add(at: Instant, { project, ...ticks }: LeftOut): void {
    const key = JSON.stringify([ticks.pipeline, ticks.schedule, ticks.reason]);
    const sum = this.#sums.get(key);
    this.#sums.set(key, sum === undefined ? { at, ...ticks } : together(sum, { at, ...ticks }));
  }

  tell(): void {
    for (const sum of this.#sums.values()) this.#tell(sum);
    this.#sums.clear();
  }
}

function together(sum: TicksReport, more: TicksReport): TicksReport {
  return {
    ...more,
    from: Math.min(sum.from, more.from),
    to: Math.max(sum.to, more.to),
    ticks: sum.ticks + more.ticks,
  };
}
