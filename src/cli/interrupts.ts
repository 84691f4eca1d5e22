import type { Clock } from "../ports/clock.ts";

/** npm hands a Ctrl-C on to its child, which the terminal has already told: what comes so close is the same press. */
const SAME_PRESS_MS = 500;

export interface InterruptHandlers {
  /** The first Ctrl-C or SIGTERM: end in good order. */
  readonly first: () => void;
  /** The second one: end now. Later ones change nothing. */
  readonly again: () => void;
}

/**
 * Listens for Ctrl-C and SIGTERM. `stop` gives them back their usual meaning, unless one was heard: what was asked is
 * then being done, and one press more must not take the answer away.
 */
export function listenForInterrupts(clock: Clock, handlers: InterruptHandlers): { stop(): void } {
  let firstAt: number | undefined;
  let askedAgain = false;
  const hear = (): void => {
    if (firstAt === undefined) {
      firstAt = clock.mono();
      handlers.first();
    } else if (!askedAgain && clock.mono() - firstAt >= SAME_PRESS_MS) {
      askedAgain = true;
      handlers.again();
    }
  };
  process.on("SIGINT", hear);
  process.on("SIGTERM", hear);
  return {
    stop: () => {
      if (firstAt !== undefined) return;
      process.off("SIGINT", hear);
      process.off("SIGTERM", hear);
    },
  };
}
