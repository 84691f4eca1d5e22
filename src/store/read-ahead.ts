/**
 * What a transaction asks for first, as far as that is known beforehand: a database may then send these questions
 * together with the beginning. It decides nothing, and whatever it does not foresee is asked for in its turn.
 */
export interface ReadAhead {
  /** Task runs whose runs are locked, and whose leases are read. */
  readonly ended: readonly number[];
  /** Task runs that are read under those locks. */
  readonly taskRuns: readonly number[];
}
