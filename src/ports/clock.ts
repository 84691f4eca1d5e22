import type { Instant } from "../core/instant.ts";

/** Time comes in from outside: production passes `systemClock`, tests pass a virtual one. */
export interface Clock {
  /** Wall clock, UTC milliseconds. May jump. */
  wall(): Instant;
  /** Milliseconds on a clock that never jumps, with fractions. */
  mono(): number;
  /** Calls `callback` once, `delayMs` from now. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` once, when the input that is already here has been handled: later than a promise, sooner than a timer. */
  soon(callback: () => void): void;
}

export interface Timer {
  cancel(): void;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  mono: () => performance.now(),
  after: (delayMs, callback) => {
    const handle = setTimeout(callback, Math.min(Math.max(delayMs, 0), TIMEOUT_MS_MAX));
    return { cancel: () => clearTimeout(handle) };
  },
  soon: (callback) => void setImmediate(callback),
};

/** Above this Node fires at once; a duty that is called early just asks again. */
const TIMEOUT_MS_MAX = 2_147_483_647;

/** The IANA time zone in which this machine shows the time. */
export function machineTimezone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Resolves after `delayMs` on the given clock. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

/** Resolves when `work` has settled, or when the time is up; leaves no timer behind that would keep a process alive. */
export async function within(clock: Clock, delayMs: number, work: Promise<unknown>): Promise<void> {
  const { promise: timeIsUp, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(delayMs, resolve);
  await Promise.race([work, timeIsUp]).finally(() => timer.cancel());
}

/**
 * Resolves when no promise is left that could go on by itself: everything that can happen without a timer or the
 * outside world has happened. For those who drive a virtual clock.
 */
export function promisesAtRest(): Promise<void> {
  // Node calls these back when the queue of promises is empty.
  return new Promise((resolve) => process.nextTick(resolve));
}
