import type { FinishedState } from "./state.ts";
import type { TriggerRule, UpstreamCounts } from "./trigger-rule.ts";

export interface DecidedRule {
  readonly rule: TriggerRule;
  readonly counts: UpstreamCounts;
  /** The upstream task whose outcome brought the decision. */
  readonly decider: { readonly name: string; readonly state: FinishedState };
}

/**
 * Why a rule did not let a task run, in a few words: the upstream task that decided it alone, `all_success: load
 * failed`, or what all of them together did not bring, `one_success: none of 3 upstream tasks succeeded`.
 */
export function ruleReason({ rule, counts, decider }: DecidedRule): string {
  const { total, success, skipped } = counts;
  const unfinished = total - success - skipped - counts.failed - counts.upstreamFailed;
  const alone = unfinished > 0 || total === 1 || forbids(rule, decider.state);
  if (alone) return `${rule}: ${decider.name} ${OUTCOME_WORDS[decider.state]}`;
  if (success > 0 && skipped > 0) return `${rule}: ${skipped} of ${total} upstream tasks were skipped`;
  if (skipped === total) return `${rule}: all ${total} upstream tasks were skipped`;
  if (success === 0) return `${rule}: none of ${total} upstream tasks succeeded`;
  return `${rule}: none of ${total} upstream tasks failed`;
}

/** The verb for an outcome, as in "load failed". */
export const OUTCOME_WORDS: Readonly<Record<FinishedState, string>> = {
  success: "succeeded",
  failed: "failed",
  upstream_failed: "could not run",
  skipped: "was skipped",
  cancelled: "was cancelled",
  removed: "was removed",
};

/** Whether one such outcome is enough to rule out a start. */
function forbids(rule: TriggerRule, state: FinishedState): boolean {
  switch (rule) {
    case "all_success":
      return state !== "success" && state !== "removed";
    case "none_failed":
    case "none_failed_min_one_success":
      return state === "failed" || state === "upstream_failed" || state === "cancelled";
    case "all_failed":
      return state === "success" || state === "skipped";
    case "all_skipped":
      return state !== "skipped" && state !== "removed";
    case "none_skipped":
      return state === "skipped";
    default:
      return false;
  }
}
