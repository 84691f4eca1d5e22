import { readShut, type Shut } from "./gate.ts";
import type { TaskRunState } from "./state.ts";

/**
 * When a task may start, judged by how its direct upstream ended.
 *
 * @example
 * task("notify_team", { after: [load, valid], when: "none_failed" }, notify);
 */
export type TriggerRule =
  | "all_success"
  | "all_failed"
  | "all_done"
  | "all_done_min_one_success"
  | "all_skipped"
  | "one_success"
  | "one_failed"
  | "one_done"
  | "none_failed"
  | "none_failed_min_one_success"
  | "none_skipped"
  | "always";

export const TRIGGER_RULES: readonly TriggerRule[] = [
  "all_success",
  "all_failed",
  "all_done",
  "all_done_min_one_success",
  "all_skipped",
  "one_success",
  "one_failed",
  "one_done",
  "none_failed",
  "none_failed_min_one_success",
  "none_skipped",
  "always",
];

/** How the direct upstream task runs of a task run have ended so far. */
export interface UpstreamCounts {
  /** U: all of them, removed ones taken out. */
  readonly total: number;
  readonly success: number;
  /** failed and cancelled (TR-13). */
  readonly failed: number;
  readonly upstreamFailed: number;
  readonly skipped: number;
  /** Gates that have not finished yet; they need not be upstream. */
  readonly gates: number;
  /** The worst that a gate has said so far; null while all that finished let the task run through. */
  readonly shut: Shut | null;
}

export const NO_UPSTREAM: UpstreamCounts = {
  ...{ total: 0, success: 0, failed: 0, upstreamFailed: 0, skipped: 0 },
  ...{ gates: 0, shut: null },
};

/** What becomes of a scheduled task run. A decision other than `wait` is never changed by later outcomes. */
export type StartDecision = "wait" | "run" | "skip" | "upstream_failed";

/**
 * Decides a trigger rule from the outcomes so far. Each rule is decided as soon as no further outcome could change it,
 * and no earlier, so the order in which upstream tasks finish never matters. Gates are heard before the rule. Without
 * upstream every rule passes.
 */
export function decideStart(rule: TriggerRule, counts: UpstreamCounts): StartDecision {
  const { total, success, skipped } = counts;
  if (counts.gates > 0) return "wait";
  if (counts.shut !== null) return readShut(counts.shut).verdict;
  if (total === 0) return "run";
  const bad = counts.failed + counts.upstreamFailed;
  const outcomes: Outcomes = {
    total,
    success,
    bad,
    skipped,
    failed: counts.failed,
    done: success + bad + skipped === total,
  };
  const { runs, upstreamFails, skips } = RULES[rule];
  if (runs(outcomes)) return "run";
  if (upstreamFails(outcomes)) return "upstream_failed";
  return skips(outcomes) ? "skip" : "wait";
}

interface Outcomes {
  readonly total: number;
  readonly success: number;
  readonly failed: number;
  /** failed and upstream_failed. */
  readonly bad: number;
  readonly skipped: number;
  /** All upstream have finished. */
  readonly done: boolean;
}

type Condition = (outcomes: Outcomes) => boolean;

const never: Condition = () => false;

/** TR-1 to TR-12. At most one condition of a rule holds at a time. */
const RULES: Readonly<Record<TriggerRule, { runs: Condition; upstreamFails: Condition; skips: Condition }>> = {
  all_success: {
    runs: ({ success, total }) => success === total,
    upstreamFails: ({ bad }) => bad > 0,
    skips: ({ done, skipped, bad }) => done && skipped > 0 && bad === 0,
  },
  all_failed: {
    runs: ({ bad, total }) => bad === total,
    upstreamFails: never,
    skips: ({ success, skipped }) => success > 0 || skipped > 0,
  },
  all_done: {
    runs: ({ done }) => done,
    upstreamFails: never,
    skips: never,
  },
  all_done_min_one_success: {
    runs: ({ done, success }) => done && success > 0,
    upstreamFails: ({ done, success, bad }) => done && success === 0 && bad > 0,
    skips: ({ skipped, total }) => skipped === total,
  },
  all_skipped: {
    runs: ({ skipped, total }) => skipped === total,
    upstreamFails: never,
    skips: ({ success, bad }) => success + bad > 0,
  },
  one_success: {
    runs: ({ success }) => success > 0,
    upstreamFails: ({ done, success, bad }) => done && success === 0 && bad > 0,
    skips: ({ skipped, total }) => skipped === total,
  },
  one_failed: {
    runs: ({ bad }) => bad > 0,
    upstreamFails: never,
    skips: ({ done, bad }) => done && bad === 0,
  },
  one_done: {
    runs: ({ success, failed }) => success + failed > 0,
    upstreamFails: never,
    skips: ({ done, success, failed }) => done && success + failed === 0,
  },
  none_failed: {
    runs: ({ success, skipped, total }) => success + skipped === total,
    upstreamFails: ({ bad }) => bad > 0,
    skips: never,
  },
  none_failed_min_one_success: {
    runs: ({ success, skipped, total }) => success + skipped === total && success > 0,
    upstreamFails: ({ bad }) => bad > 0,
    skips: ({ skipped, total }) => skipped === total,
  },
  none_skipped: {
    runs: ({ done, skipped }) => done && skipped === 0,
    upstreamFails: never,
    skips: ({ skipped }) => skipped > 0,
  },
  always: {
    runs: () => true,
    upstreamFails: never,
    skips: never,
  },
};

/** The counts after `times` more upstream task runs have finished alike (TR-13). Unfinished ones count for nothing yet. */
export function countOutcome(counts: UpstreamCounts, state: TaskRunState, times = 1): UpstreamCounts {
  const { total, success, failed, upstreamFailed, skipped, gates, shut } = counts;
  switch (state) {
    case "success":
      return { total, success: success + times, failed, upstreamFailed, skipped, gates, shut };
    case "failed":
    case "cancelled":
      return { total, success, failed: failed + times, upstreamFailed, skipped, gates, shut };
    case "upstream_failed":
      return { total, success, failed, upstreamFailed: upstreamFailed + times, skipped, gates, shut };
    case "skipped":
      return { total, success, failed, upstreamFailed, skipped: skipped + times, gates, shut };
    case "removed":
      return { total: total - times, success, failed, upstreamFailed, skipped, gates, shut };
    default:
      return { total, success, failed, upstreamFailed, skipped, gates, shut };
  }
}

/** Whether a task under this rule may start while an upstream gave no value, so that its input is an `Outcome`. */
export function mayStartWithoutSuccess(rule: TriggerRule): boolean {
  return rule !== "all_success";
}
