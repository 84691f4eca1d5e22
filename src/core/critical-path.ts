/** A task on the way to the end of its pipeline. */
export interface PathTask {
  /** What it took so far, in milliseconds; absent = it has not succeeded yet. */
  readonly durationMs?: number;
  /** Tasks that wait for it, all of higher index. */
  readonly followers: readonly number[];
}

/**
 * By task, a share of a priority in [0, 1): the longer the way from it to the end of the pipeline, the higher (CC-3). It
 * has few values, in equal steps of the logarithm, so that tasks share lanes. A task that has never run counts like the
 * others of its pipeline do on average, and like a second when none has.
 */
export function criticalPathShares(tasks: readonly PathTask[]): readonly number[] {
  const assumed = averageOf(tasks.flatMap(({ durationMs }) => durationMs ?? [])) ?? ASSUMED_MS;
  const remaining = new Array<number>(tasks.length).fill(0);
  for (let index = tasks.length - 1; index >= 0; index--) {
    const { durationMs = assumed, followers = [] } = tasks[index] ?? {};
    const after = followers.reduce((longest, follower) => Math.max(longest, remaining[follower] ?? 0), 0);
    remaining[index] = durationMs + after;
  }
  return remaining.map(shareOf);
}

/** Values that a share can have. */
const LEVELS = 64;
/** Three levels for each doubling, from nothing up to 30 days. */
const LEVELS_PER_DOUBLING = 3;
const ASSUMED_MS = 1_000;

function shareOf(remainingMs: number): number {
  const level = Math.floor(LEVELS_PER_DOUBLING * Math.log2(1 + remainingMs / 1_000));
  return Math.min(level, LEVELS - 1) / LEVELS;
}

function averageOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
