import { expect, test } from "vitest";
import { ruleReason } from "./rule-reason.ts";
import type { TaskRunState } from "./state.ts";
import { NO_UPSTREAM, type TriggerRule, type UpstreamCounts } from "./trigger-rule.ts";

test.each<[TriggerRule, Partial<UpstreamCounts>, TaskRunState, string]>([
  ["all_success", { total: 3, failed: 1 }, "failed", "all_success: load failed"],
  ["all_success", { total: 2, failed: 1, success: 1 }, "cancelled", "all_success: load was cancelled"],
  ["all_success", { total: 3, skipped: 1, success: 2 }, "success", "all_success: 1 of 3 upstream tasks were skipped"],
  ["none_skipped", { total: 2, skipped: 1 }, "skipped", "none_skipped: load was skipped"],
  ["all_failed", { total: 2, success: 1, failed: 1 }, "success", "all_failed: load succeeded"],
  ["one_success", { total: 1, failed: 1 }, "failed", "one_success: load failed"],
  ["one_success", { total: 3, failed: 2, skipped: 1 }, "failed", "one_success: none of 3 upstream tasks succeeded"],
  ["one_success", { total: 2, skipped: 2 }, "skipped", "one_success: all 2 upstream tasks were skipped"],
  ["one_failed", { total: 2, success: 2 }, "success", "one_failed: none of 2 upstream tasks failed"],
  ["one_done", { total: 2, upstreamFailed: 2 }, "upstream_failed", "one_done: none of 2 upstream tasks succeeded"],
])("%s with %o, decided by one that is %s: %s", (rule, counts, state, reason) => {
  expect(ruleReason(rule, { ...NO_UPSTREAM, ...counts }, { name: "load", state })).toBe(reason);
});
