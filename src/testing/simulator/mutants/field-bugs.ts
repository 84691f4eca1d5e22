/**
 * What becomes of a bug of the field for which no mutant stands: a mutant that stands for another shows it too, a test
 * says it by example, or what it is about is still to be built.
 */
export type FieldBug =
  | { readonly mutants: readonly string[] }
  /** Within `src`. */
  | { readonly tests: readonly string[]; readonly why: string }
  | { readonly later: string };

/** B01 to B68. Those that are not here have a mutant of their own. */
export const OTHER_FIELD_BUGS: Readonly<Record<string, FieldBug>> = {
  B05: { mutants: ["a claim whose answer was lost is forgotten", "of many claims some are never begun"] },
  B12: { mutants: ["two that planned the same tick both decide it"] },
  B28: {
    tests: ["engine/engine.test.ts", "execution/subprocess/process-attempt.test.ts"],
    why: "each attempt is begun for itself; one that hangs only costs its own place until its time-out",
  },
  B31: {
    tests: ["execution/project/load-problem.test.ts"],
    why: "a version is kept as it was compiled, so a file that breaks later is no business of its runs",
  },
  B32: {
    tests: ["store/sqlite/sqlite.test.ts"],
    why: "the conformance suite has a schedule that throws, and others beside it that go on",
  },
  B33: {
    tests: ["store/sqlite/sqlite.test.ts"],
    why: "the conformance suite tries each command in each state",
  },
  B34: { later: "server: a watchdog that looks at progress; a stalled run is failed already (RS-3)" },
  B36: { mutants: ["a schedule that lost its wake-up never wakes"] },
  B38: { mutants: ["trusts a late completion", "writes over what another has changed"] },
  B44: {
    tests: ["store/sqlite/sqlite.test.ts", "core/background-share.test.ts"],
    why: "runs of a backfill take no place of others, and leave slots to live runs",
  },
  B47: { later: "nothing is paged by the reaper: it reads all open sessions, of which there is one for an engine" },
  B48: { later: "there is no leader: each duty is safe in every engine at once" },
  B50: {
    mutants: ["two that planned the same tick both decide it"],
  },
  B54: {
    tests: ["testing/simulator/parallel/parallel-history.test.ts"],
    why: "each actor has two connections and says things twice at once; 5,000 tasks on 10 are for the soak",
  },
  B56: { later: "soak: memory over hours" },
  B58: { tests: ["execution/logs/log-store.test.ts"], why: "each attempt has a file of its own" },
  B59: { tests: ["execution/pool/pool-failures.test.ts"], why: "values of all sizes up to a gibibyte" },
  B60: { later: "retention" },
  B61: { later: "migrations of large tables under load, with the first version that follows another" },
  B62: { tests: ["store/sqlite/sqlite.test.ts", "store/postgres/postgres.test.ts"], why: "many migrate at once" },
  B63: { later: "the web interface" },
  B64: {
    tests: ["core/schedule/plan-ticks.test.ts"],
    why: "jitter spreads the starts of schedules and leaves their intervals as they are",
  },
  B65: { later: "a back-off of the pollers that differs from engine to engine" },
  B67: {
    tests: ["store/sqlite/failure.test.ts", "execution/logs/log-store.test.ts"],
    why: "a small disk that is full, and has room again",
  },
};
