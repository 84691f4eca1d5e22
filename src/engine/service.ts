/**
 * The one contract of everything that lives long. `start` resolves when the service does its work; `stop` resolves when
 * it does nothing any more. Both may be called twice, in any order, and at the same time.
 */
export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What a duty of the engine does all day: one turn, then how long it wants to be left alone. */
export interface Duty {
  readonly name: string;
  /** Does what is due and returns the milliseconds until it wants to be called next. */
  poll(): Promise<number>;
}

/** A duty whose turn threw: told to whoever listens, never the end of the loop. */
export interface DutyProblem {
  readonly duty: string;
  readonly error: unknown;
  /** Turns that have failed in a row. */
  readonly failures: number;
  readonly retryInMs: number;
}
