import {
  decideStart,
  NO_UPSTREAM,
  TRIGGER_RULES,
  type TriggerRule,
  type UpstreamCounts,
} from "../../src/core/trigger-rule.ts";
import { median } from "./timing.ts";

const QUESTIONS = 100_000;
const ROUNDS = 20;

interface Question {
  readonly rule: TriggerRule;
  readonly counts: UpstreamCounts;
}

/** How many trigger rules are decided in a second, over counts of every kind; the middle one of some rounds. */
export function ruleDecisionsPerSecond(): number {
  const questions = Array.from({ length: QUESTIONS }, question);
  const speeds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let running = 0;
    for (const { rule, counts } of questions) if (decideStart(rule, counts) === "run") running += 1;
    speeds.push(QUESTIONS / ((performance.now() - start) / 1_000));
    if (running === 0) throw new Error("No rule has passed");
  }
  return median(speeds);
}

function question(): Question {
  const [success, failed, upstreamFailed, skipped, open] = [upTo(3), upTo(1), upTo(1), upTo(2), upTo(2)];
  return {
    rule: TRIGGER_RULES[upTo(TRIGGER_RULES.length - 1)] ?? "all_success",
    counts: {
      ...NO_UPSTREAM,
      ...{ total: success + failed + upstreamFailed + skipped + open, success, failed, upstreamFailed, skipped },
      gates: upTo(9) === 0 ? 1 : 0,
      shut: upTo(9) === 0 ? "skip:3" : null,
    },
  };
}

function upTo(max: number): number {
  return Math.floor(Math.random() * (max + 1));
}
