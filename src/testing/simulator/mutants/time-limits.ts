import { type Mutant, mutant } from "./mutant.ts";

/** Ends by rule: of runs, of their tear-downs, and of all attempts of a task together. */
export const TIME_LIMIT_MUTANTS: readonly Mutant[] = [
  mutant("a failure lets the rest go on", "RS-5", "store/fail-fast.ts", [
    "pipeline.spec.failFast === undefined ||",
    "pipeline.spec.failFast !== undefined ||",
  ]),
  mutant("a failure that will be tried again as a group ends the run", "RS-5", "store/end-attempts.ts", [
    "if (!set.taskSpec(row).allowFailure && groupToRetry(set, row) === undefined) set.openDeadLetter(after);",
    "if (!set.taskSpec(row).allowFailure) set.openDeadLetter(after);",
  ]),
  mutant("what is taken back to its rule keeps its deadline", "RT-4", "store/timers.ts", [
    'if (isFinished(state) || state === "scheduled")',
    "if (isFinished(state))",
  ]),
  mutant("a run is out of time too early", "RS-4", "store/timers.ts", [
    "ms: runTimeoutMs }",
    "ms: runTimeoutMs - 100 }",
  ]),
  mutant("a run that begins again has no time-out", "RS-4", "store/timers.ts", [
    'if (state === "running" && runTimeoutMs !== undefined)',
    'if (state === "running" && from === "queued" && runTimeoutMs !== undefined)',
  ]),
  mutant("a run out of time was cancelled", "RS-4", "core/run-outcome.ts", [
    '["timeout", "fail_fast", MARKED_FAILED]',
    '["fail_fast", MARKED_FAILED]',
  ]),
  mutant("what was set up stays when time is up", "RS-7", "store/stop-run.ts", [
    'set.taskSpec(row).role !== "teardown"',
    'set.taskSpec(row).role !== "setup"',
  ]),
  mutant("tear-downs may take for ever", "B20", "store/timers.ts", [
    'if (state === "cancelling") this.#begin("cleanup"',
    'if (state === "queued") this.#begin("cleanup"',
  ]),
  mutant("what has had its time is tried again", "RT-4", "store/stop-attempts.ts", [
    '? { kind: "failed", failure: { reason: "timeout", message } }',
    '? { kind: "retrying", delayMs: 1, failure: { reason: "timeout", message } }',
  ]),
  mutant("all attempts together begin with the second", "RT-4", "store/timers.ts", [
    'if (state === "queued" && (from === "scheduled" || from === "deferred"))',
    'if (state === "queued" && from === "retrying")',
  ]),
  mutant("a back-off outlasts the time of all attempts", "RT-4", "store/fire-timers.ts", [
    '["queued", "running", "retrying", "deferred"]',
    '["queued", "running", "deferred"]',
  ]),
  mutant("nobody looks at the time", "RS-4", "engine/timekeeper.ts", [
    "await this.#store.fireTimers()",
    "{ fired: 0, nextInMs: this.#pollMs }",
  ]),
];
