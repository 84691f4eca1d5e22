import { type Clock, sleep } from "../ports/clock.ts";

export interface BackOff {
  readonly firstMs: number;
  /** Delays double up to this. */
  readonly maxMs: number;
  /** After this long the last error is thrown. */
  readonly totalMs: number;
}

/** Repeats `work` while it throws something transient, ever more slowly, within bounds. */
export async function withBackOff<T>(
  clock: Clock,
  backOff: BackOff,
  isTransient: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = clock.mono();
  for (let delayMs = backOff.firstMs; ; delayMs = Math.min(delayMs * 2, backOff.maxMs)) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || clock.mono() - startedAt >= backOff.totalMs) throw error;
    }
    await sleep(clock, delayMs);
  }
}
