import { type Mutant, mutant } from "./mutant.ts";

export const RETRY_MUTANTS: readonly Mutant[] = [
  mutant("a lost worker uses up a retry", "ST-5", "core/retry-policy.ts", [
    "const used = attempt - lost;",
    "const used = attempt + 0 * lost;",
  ]),
  mutant("one retry too many", "RT-1", "core/retry-policy.ts", [
    "if (used > policy.limit)",
    "if (used > policy.limit + 1)",
  ]),
  mutant("retries what is fatal", "RT-3", "core/retry-policy.ts", [
    '  "fatal",\n  "invalid_output",',
    '  "invalid_output",',
  ]),
  mutant("retries without a wait", "I31", "store/end-attempts.ts", [
    "const dueAt = set.now + Math.max(Math.ceil(delayMs), 0);",
    "const dueAt = set.now + 0 * delayMs;",
  ]),
  mutant("a run that is cancelled keeps what waits for its retry", "B25", "store/stop-run.ts", [
    '["scheduled", "queued", "retrying", "deferred"]',
    '["scheduled", "queued", "deferred"]',
  ]),
  // Its attempts are asked to stop with it, so none of them is tried again for the failure it reports.
  mutant("retries what was asked to stop", "B26", "store/stop-attempts.ts", [
    "if (stop === undefined || result.kind",
    'if (stop?.kind !== "timeout" || result.kind',
  ]),
  mutant("nobody looks for back-offs that are over", "B41", "engine/retry-timer.ts", [
    "await this.#store.releaseRetries()",
    "{ released: 0, nextInMs: this.#pollMs }",
  ]),
];
