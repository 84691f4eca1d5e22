import { systemClock } from "../ports/clock.ts";
import type { InProcessExecutor } from "./in-process-executor.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Turns of the event loop after which nothing more can come of promises alone. */
const QUIET_TURNS = 3;

/**
 * Lets the engine live until `over`: everything that can happen now happens first; while a task takes real time, that
 * is waited for; only then does the clock jump to the next timer. Throws when a task takes longer than `realLimitMs` of
 * real time, or when nothing will ever happen again.
 */
export async function drive(
  clock: VirtualClock,
  executor: InProcessExecutor,
  over: () => boolean,
  realLimitMs: number,
): Promise<void> {
  let quiet = 0;
  while (!over()) {
    await turnOfTheLoop();
    if (clock.runSoon()) {
      quiet = 0;
      continue;
    }
    quiet += 1;
    if (quiet < QUIET_TURNS) continue;
    quiet = 0;
    if (executor.inRealTime.size > 0) await nextReport(executor, realLimitMs);
    else if (!clock.advanceToNext()) throw new Error("Nothing is left to happen, and the run has not ended.");
  }
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => systemClock.soon(resolve));
}

function nextReport(executor: InProcessExecutor, limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = systemClock.after(limitMs, () => {
      const tasks = [...executor.inRealTime.values()].join(", ");
      reject(
        new Error(
          `After ${limitMs} ms of real time these tasks have not ended: ${tasks}. Stub them, or raise realTimeLimitMs.`,
        ),
      );
    });
    executor.onReport = () => {
      timer.cancel();
      resolve();
    };
  });
}
