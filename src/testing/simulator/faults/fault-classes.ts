/** What may go wrong with one call of the database. */
export const CALL_FAULTS = [
  /** The database cannot be asked: nothing was done. */
  "error_before",
  /** It was done, but the answer is lost: the caller hears an error. */
  "error_after",
  /** The process dies before the database hears of the call. */
  "crash_before",
  /** It was done, and the process dies before it hears of it. */
  "crash_after",
  /** Seconds pass before, after, or both. */
  "slow",
  /** A deadlock or a conflict: the transaction is rolled back and its work done once more. */
  "repeated",
] as const;

/** What befalls a node now and then, for a while. */
export const SPELLS = [
  /** Its process is killed and started again later. */
  "crash",
  /** It is stopped in good order and started again later. */
  "shutdown",
  /** No instruction of it runs, while clocks go on: a SIGSTOP, a machine that sleeps. */
  "pause",
  /** It cannot reach the database. */
  "outage",
  /** Its wall clock jumps. */
  "clock_jump",
] as const;

export type CallFault = (typeof CALL_FAULTS)[number];
export type Spell = (typeof SPELLS)[number];
