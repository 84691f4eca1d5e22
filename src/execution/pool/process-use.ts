import type { Clock } from "../../ports/clock.ts";
import type { ProcessUse } from "./messages.ts";

/** Asking for the resident memory costs 7 µs: attempts shorter than this share one answer. */
const RESIDENT_VALID_MS = 10;

/** Measures what this very process uses, order by order. */
export class ProcessUseMeter {
  readonly #clock: Clock;
  #residentBytes = 0;
  #residentAt = Number.NEGATIVE_INFINITY;
  #residentBefore = 0;
  #cpuBefore = 0;
  #peakBefore = 0;
  #spawned = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): void {
    this.#spawned = false;
    this.#residentBefore = this.#resident();
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    this.#cpuBefore = userCPUTime + systemCPUTime;
    this.#peakBefore = maxRSS;
  }

  noteSpawn(): void {
    this.#spawned = true;
  }

  get hasSpawned(): boolean {
    return this.#spawned;
  }

  end(): ProcessUse {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const residentBytes = this.#resident();
    // The kernel keeps one peak for the whole life: it tells of this order only when it has grown.
    const grownTo = maxRSS > this.#peakBefore ? maxRSS * 1024 : 0;
    const peakBytes = Math.max(grownTo, residentBytes, this.#residentBefore);
    const totalCpuUs = userCPUTime + systemCPUTime;
    const use = { cpuUs: totalCpuUs - this.#cpuBefore, totalCpuUs, peakBytes, residentBytes };
    return this.#spawned ? { ...use, spawned: true } : use;
  }

  #resident(): number {
    const now = this.#clock.mono();
    if (now - this.#residentAt >= RESIDENT_VALID_MS) {
      this.#residentBytes = process.memoryUsage.rss();
      this.#residentAt = now;
    }
    return this.#residentBytes;
  }
}
