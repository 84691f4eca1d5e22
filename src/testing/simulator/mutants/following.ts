import { type Mutant, mutant } from "./mutant.ts";

export const FOLLOWING_MUTANTS: readonly Mutant[] = [
  mutant("counts of those who wait are not kept", "I45", "store/working-set.ts", [
    "if (!sameCounts(entry.after, counts)) entry.after",
    "if (sameCounts(entry.after, counts)) entry.after",
  ]),
  mutant("failures are not counted", "I45", "store/working-set.ts", [
    "failing: run.after.failing + failed,",
    "failing: run.after.failing + 0 * failed,",
  ]),
  mutant("two alerts for one failure", "I33", "store/working-set.ts", [
    '    this.note(runKey, { kind: "alert_due", taskIndex, generation });\n',
    '    this.note(runKey, { kind: "alert_due", taskIndex, generation });\n    this.note(runKey, { kind: "alert_due", taskIndex, generation });\n',
  ]),
  mutant("one_failed waits for all", "TR-7", "core/trigger-rule.ts", [
    "runs: ({ bad }) => bad > 0,",
    "runs: ({ bad, done }) => done && bad > 0,",
  ]),
  mutant("none_skipped forgives a skip", "TR-11", "core/trigger-rule.ts", [
    "runs: ({ done, skipped }) => done && skipped === 0,",
    "runs: ({ done }) => done,",
  ]),
  mutant("a failure that is allowed fails the run", "RS-1", "core/run-outcome.ts", [
    '(state === "failed" || state === "cancelled") && !allowFailure',
    '(state === "failed" || state === "cancelled") && (!allowFailure || allowFailure)',
  ]),
];
