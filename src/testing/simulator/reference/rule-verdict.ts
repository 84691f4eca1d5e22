import type { TriggerRule } from "../../../core/trigger-rule.ts";

/** What becomes of a task by its trigger rule. */
export type Verdict = "run" | "skip" | "upstream_failed" | "wait";

const OUTCOMES = ["success", "failed", "upstream_failed", "skipped"] as const;

/** What these are about is that all have ended, even where the verdict is known before. */
const WAITS_FOR_ALL: readonly TriggerRule[] = ["all_done", "all_done_min_one_success"];

/**
 * The table of semantics.md, section 2, read once more and in another way: only what a rule says when all upstream have
 * ended is written down. Before, it is decided if every way in which the open ones may still end gives the same.
 *
 * @param states of the direct upstream, those removed left out
 */
export function ruleVerdict(rule: TriggerRule, states: readonly string[]): Verdict {
  const isOpen = states.some((state) => !isEnded(state));
  if (isOpen && WAITS_FOR_ALL.includes(rule)) return "wait";
  const ended = states.filter(isEnded).map((state) => (state === "cancelled" ? "failed" : state));
  const verdicts = new Set(completions(ended, states.length - ended.length).map((all) => finalVerdict(rule, all)));
  const [only] = verdicts;
  return verdicts.size === 1 && only !== undefined ? only : "wait";
}

function isEnded(state: string): boolean {
  return ["success", "failed", "upstream_failed", "skipped", "cancelled"].includes(state);
}

/** Every multiset of outcomes that may come of it. */
function completions(ended: readonly string[], open: number, from = 0): readonly (readonly string[])[] {
  if (open === 0) return [ended];
  return OUTCOMES.slice(from).flatMap((outcome, index) => completions([...ended, outcome], open - 1, from + index));
}

function finalVerdict(rule: TriggerRule, states: readonly string[]): Exclude<Verdict, "wait"> {
  const [, verdict] = (states.length === 0 ? [] : TABLE[rule]).find(([holds]) => holds(states)) ?? [];
  return verdict ?? "run";
}

type Condition = (states: readonly string[]) => boolean;

const some =
  (...wanted: string[]): Condition =>
  (states) =>
    states.some((state) => wanted.includes(state));
const other =
  (...wanted: string[]): Condition =>
  (states) =>
    !states.every((state) => wanted.includes(state));
const anything: Condition = () => true;
const failed = some("failed", "upstream_failed");

/** What ends a task without running, the first that holds; if none does, it runs. */
const TABLE: Readonly<Record<TriggerRule, readonly (readonly [Condition, "run" | "skip" | "upstream_failed"])[]>> = {
  all_success: [
    [failed, "upstream_failed"],
    [some("skipped"), "skip"],
  ],
  all_failed: [[other("failed", "upstream_failed"), "skip"]],
  all_done: [],
  all_done_min_one_success: [
    [some("success"), "run"],
    [failed, "upstream_failed"],
    [anything, "skip"],
  ],
  all_skipped: [[other("skipped"), "skip"]],
  one_success: [
    [some("success"), "run"],
    [failed, "upstream_failed"],
    [anything, "skip"],
  ],
  one_failed: [
    [other("success", "skipped"), "run"],
    [anything, "skip"],
  ],
  one_done: [
    [some("success", "failed"), "run"],
    [anything, "skip"],
  ],
  none_failed: [[failed, "upstream_failed"]],
  none_failed_min_one_success: [
    [failed, "upstream_failed"],
    [other("skipped"), "run"],
    [anything, "skip"],
  ],
  none_skipped: [[some("skipped"), "skip"]],
  always: [],
};
