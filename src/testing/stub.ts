import { parseDuration } from "../core/duration.ts";
import type { TaskContext } from "../core/task-context.ts";

/**
 * What a test puts in the place of a task: a plain function, or a script of attempts made by `returns`, `fails`,
 * `hangs` and `takes`.
 */
export type Stub = StubFunction | AttemptScript;

export type StubFunction = (context: TaskContext) => unknown;

/** What one attempt does. */
export interface ScriptedAttempt {
  readonly kind: "return" | "throw" | "hang";
  readonly value?: unknown;
  readonly error?: unknown;
  /** Virtual time that the attempt takes. */
  readonly durationMs: number;
}

/**
 * Attempts in order; the last one repeats. Immutable: every method gives a new script.
 *
 * @example
 * const stub = fails("connection reset").times(2).followedBy(returns({ rows: 3 }).taking("10m"));
 */
export class AttemptScript {
  readonly attempts: readonly ScriptedAttempt[];

  constructor(attempts: readonly ScriptedAttempt[]) {
    this.attempts = attempts;
  }

  /** Repeats the whole script: `fails("x").times(2)` fails twice. */
  times(count: number): AttemptScript {
    return new AttemptScript(Array.from({ length: count }, () => this.attempts).flat());
  }

  /** What the attempts after these do. */
  followedBy(next: AttemptScript): AttemptScript {
    return new AttemptScript([...this.attempts, ...next.attempts]);
  }

  /** Lets every attempt of this script take that long, in virtual time. */
  taking(duration: string | number): AttemptScript {
    const durationMs = parseDuration(duration);
    return new AttemptScript(this.attempts.map((attempt) => ({ ...attempt, durationMs })));
  }

  /** The attempt with this number, from 1. */
  attempt(number: number): ScriptedAttempt {
    const attempt = this.attempts[Math.min(number, this.attempts.length) - 1];
    if (attempt === undefined) throw new Error("A stub needs at least one attempt; .times(0) leaves none.");
    return attempt;
  }
}

/** A task that returns this value. */
export function returns(value: unknown): AttemptScript {
  return new AttemptScript([{ kind: "return", value, durationMs: 0 }]);
}

/** A task that throws: an `Error` with this message, or the value itself. */
export function fails(error: string | Error = "stubbed failure"): AttemptScript {
  return new AttemptScript([
    { kind: "throw", error: typeof error === "string" ? new Error(error) : error, durationMs: 0 },
  ]);
}

/** A task that never ends: its time-out ends it. */
export function hangs(): AttemptScript {
  return new AttemptScript([{ kind: "hang", durationMs: 0 }]);
}
