import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FinishedState } from "./state.ts";
import {
  countOutcome,
  decideStart,
  mayStartWithoutSuccess,
  NO_UPSTREAM,
  type StartDecision,
  TRIGGER_RULES,
  type TriggerRule,
  type UpstreamCounts,
} from "./trigger-rule.ts";

/** `s` success, `f` failed, `u` upstream_failed, `k` skipped, `.` unfinished, one letter for each upstream task. */
type Case = readonly [outcomes: string, decision: StartDecision];

const CASES: Readonly<Record<TriggerRule, { readonly id: string; readonly cases: readonly Case[] }>> = {
  all_success: {
    id: "TR-1",
    cases: [
      ["ss", "run"],
      ["s.", "wait"],
      ["f.", "upstream_failed"],
      ["u.", "upstream_failed"],
      ["k.", "wait"],
      ["ks", "skip"],
      ["kk", "skip"],
      ["kf", "upstream_failed"],
    ],
  },
  all_failed: {
    id: "TR-2",
    cases: [
      ["ff", "run"],
      ["fu", "run"],
      ["f.", "wait"],
      ["s.", "skip"],
      ["k.", "skip"],
      ["fs", "skip"],
    ],
  },
  all_done: {
    id: "TR-3",
    cases: [
      ["sfuk", "run"],
      ["sfu.", "wait"],
      ["ffff", "run"],
    ],
  },
  all_done_min_one_success: {
    id: "TR-4",
    cases: [
      ["sf", "run"],
      ["s.", "wait"],
      ["fk", "upstream_failed"],
      ["uk", "upstream_failed"],
      ["kk", "skip"],
      ["f.", "wait"],
    ],
  },
  all_skipped: {
    id: "TR-5",
    cases: [
      ["kk", "run"],
      ["k.", "wait"],
      ["s.", "skip"],
      ["f.", "skip"],
      ["u.", "skip"],
    ],
  },
  one_success: {
    id: "TR-6",
    cases: [
      ["s..", "run"],
      ["f.", "wait"],
      ["ff", "upstream_failed"],
      ["fk", "upstream_failed"],
      ["kk", "skip"],
    ],
  },
  one_failed: {
    id: "TR-7",
    cases: [
      ["f.", "run"],
      ["u.", "run"],
      ["s.", "wait"],
      ["sk", "skip"],
      ["ss", "skip"],
    ],
  },
  one_done: {
    id: "TR-8",
    cases: [
      ["s.", "run"],
      ["f.", "run"],
      ["u.", "wait"],
      ["k.", "wait"],
      ["uk", "skip"],
    ],
  },
  none_failed: {
    id: "TR-9",
    cases: [
      ["sk", "run"],
      ["kk", "run"],
      ["s.", "wait"],
      ["f.", "upstream_failed"],
      ["u.", "upstream_failed"],
    ],
  },
  none_failed_min_one_success: {
    id: "TR-10",
    cases: [
      ["sk", "run"],
      ["kk", "skip"],
      ["s.", "wait"],
      ["f.", "upstream_failed"],
      ["u.", "upstream_failed"],
    ],
  },
  none_skipped: {
    id: "TR-11",
    cases: [
      ["sf", "run"],
      ["uu", "run"],
      ["s.", "wait"],
      ["k.", "skip"],
    ],
  },
  always: {
    id: "TR-12",
    cases: [
      ["....", "run"],
      ["f", "run"],
    ],
  },
};

describe.each(TRIGGER_RULES.map((rule) => ({ rule, ...CASES[rule] })))("$id: $rule", ({ rule, cases }) => {
  test.each(cases)("decides %s as %s", (outcomes, decision) => {
    expect(decideStart(rule, countsOf(outcomes))).toBe(decision);
  });

  test("passes without upstream", () => {
    expect(decideStart(rule, NO_UPSTREAM)).toBe("run");
  });

  test("decides once all upstream have finished, and never takes a decision back, in whatever order they finish", () => {
    const outcomes = fc.array(fc.constantFrom("s", "f", "u", "k"), { minLength: 1, maxLength: 6 });
    const shuffled = outcomes.chain((order) =>
      fc.tuple(fc.constant(order), fc.shuffledSubarray(order, { minLength: order.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const decisions = [one, other].map((order) => decisionsAlong(rule, order));
        for (const along of decisions) {
          const decided = along.filter((decision) => decision !== "wait");
          expect(new Set(decided).size).toBe(1);
          expect(along.at(-1)).not.toBe("wait");
        }
        expect(decisions[0]?.at(-1)).toBe(decisions[1]?.at(-1));
      }),
    );
  });
});

test("TR-13: a cancelled upstream counts as failed, a removed one is taken out", () => {
  const two: UpstreamCounts = { ...NO_UPSTREAM, total: 2 };
  expect(countOutcome(two, "cancelled")).toEqual({ ...two, failed: 1 });
  expect(countOutcome(two, "removed")).toEqual({ ...NO_UPSTREAM, total: 1 });
  expect(decideStart("all_success", countOutcome(two, "cancelled"))).toBe("upstream_failed");
  expect(decideStart("all_success", countOutcome(countOutcome(two, "removed"), "success"))).toBe("run");
  expect(decideStart("all_success", countOutcome(countOutcome(two, "removed"), "removed"))).toBe("run");
});

test("an unfinished upstream counts for nothing, and counts hold nothing but counts", () => {
  const row = { ...NO_UPSTREAM, total: 1, name: "a row of the store" };
  expect(countOutcome(row, "running")).toEqual({ ...NO_UPSTREAM, total: 1 });
  expect(countOutcome(row, "success")).toEqual({ ...NO_UPSTREAM, total: 1, success: 1 });
});

test("only all_success promises a value of every upstream", () => {
  expect(TRIGGER_RULES.filter((rule) => !mayStartWithoutSuccess(rule))).toEqual(["all_success"]);
  for (const rule of TRIGGER_RULES) {
    const startsWithout = ["f", "k", "u", "sf", "sk", "."].some((outcomes) => {
      return decideStart(rule, countsOf(outcomes)) === "run";
    });
    expect([rule, startsWithout]).toEqual([rule, mayStartWithoutSuccess(rule)]);
  }
});

const STATES: Readonly<Record<string, FinishedState>> = {
  s: "success",
  f: "failed",
  u: "upstream_failed",
  k: "skipped",
};

function countsOf(outcomes: string): UpstreamCounts {
  return [...outcomes].reduce<UpstreamCounts>(
    (counts, letter) => {
      const state = STATES[letter];
      return state === undefined ? counts : countOutcome(counts, state);
    },
    { ...NO_UPSTREAM, total: outcomes.length },
  );
}

function decisionsAlong(rule: TriggerRule, order: readonly string[]): readonly StartDecision[] {
  return Array.from({ length: order.length + 1 }, (_, finished) => {
    const rest = ".".repeat(order.length - finished);
    return decideStart(rule, countsOf(order.slice(0, finished).join("") + rest));
  });
}
