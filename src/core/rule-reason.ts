import type { TaskRunState } from "./state.ts";
import type { TriggerRule, UpstreamCounts } from "./trigger-rule.ts";

/**
 * Why a rule did not let a task run, in a few words: names the upstream task whose outcome decided it alone,
 * `all_success: load failed`, or says what all of them together did not bring, `one_success: none of 3 upstream tasks
 * succeeded`.
 */
export function ruleReason(
  rule: TriggerRule,
  counts: UpstreamCounts,
  decider: { readonly name: string; readonly state: TaskRunState },
): string {
  const { total, success, skipped } = counts;
  const unfinished = total - success - skipped - counts.failed - counts.upstreamFailed;
  const alone = unfinished > 0 || total === 1 || forbids(rule, decider.state);
  if (alone) return `${rule}: ${decider.name} ${STATE_WORDS[decider.state]}`;
  if (success > 0 && skipped > 0) return `${rule}: ${skipped} of ${total} upstream tasks were skipped`;
  if (skipped === total) return `${rule}: all ${total} upstream tasks were skipped`;
  if (success === 0) return `${rule}: none of ${total} upstream tasks succeeded`;
  return `${rule}: none of ${total} upstream tasks failed`;
}

/** The verb for a state, as in "load failed". */
const STATE_WORDS: Readonly<Record<TaskRunState, string>> = {
  scheduled: "waits",
  queued: "is queued",
  running: "is running",
  retrying: "waits for its next attempt",
  deferred: "is deferred",
  success: "succeeded",
  failed: "failed",
  upstream_failed: "could not run",
  skipped: "was skipped",
  cancelled: "was cancelled",
  removed: "was removed",
};

/** Whether one such outcome is enough to rule out a start. */
function forbids(rule: TriggerRule, state: TaskRunState): boolean {
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
