import type { TaskRunState } from "./state.ts";

/** When a task may start, judged by how its direct upstream ended (semantics section 2). */
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

/** How the direct upstream task runs of a task run have ended so far. */
export interface UpstreamCounts {
  /** U: all of them, removed ones taken out. */
  readonly total: number;
  readonly success: number;
  /** failed and cancelled (TR-13). */
  readonly failed: number;
  readonly upstreamFailed: number;
  readonly skipped: number;
}

export type StartDecision = "wait" | "run" | "skip" | "upstream_failed";

export const NO_UPSTREAM: UpstreamCounts = { total: 0, success: 0, failed: 0, upstreamFailed: 0, skipped: 0 };

/**
 * Decides by counts alone, so that no outcome depends on the order in which upstream tasks end, and a join of 10,000
 * costs no more than a chain. A task without upstream always runs.
 */
export function decideStart(rule: TriggerRule, counts: UpstreamCounts): StartDecision {
  return counts.total === 0 ? "run" : RULES[rule](tally(counts));
}

/** The counts after one more upstream task run has ended in this state. */
export function countOutcome(counts: UpstreamCounts, state: TaskRunState): UpstreamCounts {
  switch (state) {
    case "success":
      return { ...counts, success: counts.success + 1 };
    case "failed":
    case "cancelled":
      return { ...counts, failed: counts.failed + 1 };
    case "upstream_failed":
      return { ...counts, upstreamFailed: counts.upstreamFailed + 1 };
    case "skipped":
      return { ...counts, skipped: counts.skipped + 1 };
    case "removed":
      return { ...counts, total: counts.total - 1 };
    default:
      return counts;
  }
}

/** Under these rules an input may have no value, so the task receives an outcome in its place. */
export function mayStartWithoutSuccess(rule: TriggerRule): boolean {
  return rule !== "all_success";
}

/** s, f (failed and upstream_failed together), k and d of the rules' table, and U. */
interface Tally {
  readonly all: number;
  readonly success: number;
  readonly failed: number;
  readonly broken: number;
  readonly skipped: number;
  readonly done: number;
}

function tally({ total, success, failed, upstreamFailed, skipped }: UpstreamCounts): Tally {
  const broken = failed + upstreamFailed;
  return { all: total, success, failed, broken, skipped, done: success + broken + skipped };
}

const RULES: Readonly<Record<TriggerRule, (tally: Tally) => StartDecision>> = {
  all_success: ({ all, success, broken, done }) => {
    if (broken > 0) return "upstream_failed";
    if (success === all) return "run";
    return done === all ? "skip" : "wait";
  },
  all_failed: ({ all, success, skipped, broken }) => {
    if (success > 0 || skipped > 0) return "skip";
    return broken === all ? "run" : "wait";
  },
  all_done: ({ all, done }) => (done === all ? "run" : "wait"),
  all_done_min_one_success: ({ all, success, skipped, done }) => {
    if (done < all) return "wait";
    if (success > 0) return "run";
    return skipped === all ? "skip" : "upstream_failed";
  },
  all_skipped: ({ all, success, broken, skipped }) => {
    if (success + broken > 0) return "skip";
    return skipped === all ? "run" : "wait";
  },
  one_success: ({ all, success, skipped, done }) => {
    if (success > 0) return "run";
    if (done < all) return "wait";
    return skipped === all ? "skip" : "upstream_failed";
  },
  one_failed: ({ all, broken, done }) => {
    if (broken > 0) return "run";
    return done === all ? "skip" : "wait";
  },
  one_done: ({ all, success, failed, done }) => {
    if (success + failed > 0) return "run";
    return done === all ? "skip" : "wait";
  },
  none_failed: ({ all, broken, done }) => {
    if (broken > 0) return "upstream_failed";
    return done === all ? "run" : "wait";
  },
  none_failed_min_one_success: ({ all, success, skipped, broken, done }) => {
    if (broken > 0) return "upstream_failed";
    if (skipped === all) return "skip";
    return done === all && success > 0 ? "run" : "wait";
  },
  none_skipped: ({ all, skipped, done }) => {
    if (skipped > 0) return "skip";
    return done === all ? "run" : "wait";
  },
  always: () => "run",
};

export const TRIGGER_RULES = Object.keys(RULES).filter((name): name is TriggerRule => name in RULES);
