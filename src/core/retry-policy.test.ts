import fc from "fast-check";
import { expect, test } from "vitest";
import type { Failure, FailureReason } from "./failure.ts";
import {
  decideLost,
  decideRetry,
  delayBefore,
  NO_RETRIES,
  RETRY_DELAY_MS_MAX,
  type RetryPolicy,
  type RetryQuestion,
} from "./retry-policy.ts";

const EXPONENTIAL: RetryPolicy = {
  limit: 4,
  delay: { kind: "exponential", firstMs: 30_000, factor: 2 },
  jitter: 0,
};

test("RT-1: first 30 s, factor 2, limit 4 waits 30, 60, 120, 240 s, and the fifth failure is final", () => {
  const decisions = [1, 2, 3, 4, 5].map((attempt) => decide({ attempt }));
  expect(decisions).toEqual([
    { kind: "retry", delayMs: 30_000 },
    { kind: "retry", delayMs: 60_000 },
    { kind: "retry", delayMs: 120_000 },
    { kind: "retry", delayMs: 240_000 },
    { kind: "final", why: "attempts_used_up" },
  ]);
});

test("RT-1: a fixed delay stays, a list repeats its last value, an exponential one is capped by max", () => {
  const after = (delay: RetryPolicy["delay"]) => [1, 2, 3, 4].map((n) => delayBefore({ ...EXPONENTIAL, delay }, n));
  expect(after({ kind: "fixed", ms: 500 })).toEqual([500, 500, 500, 500]);
  expect(after({ kind: "list", ms: [1_000, 5_000] })).toEqual([1_000, 5_000, 5_000, 5_000]);
  expect(after({ kind: "list", ms: [] })).toEqual([0, 0, 0, 0]);
  expect(after({ kind: "exponential", firstMs: 10, factor: 10, maxMs: 500 })).toEqual([10, 100, 500, 500]);
});

test("RT-1: a delay that grows beyond all bounds stays a number", () => {
  expect(delayBefore(EXPONENTIAL, 5_000)).toBe(RETRY_DELAY_MS_MAX);
});

test("RT-1: without retries the first failure is final", () => {
  expect(decide({ policy: NO_RETRIES })).toEqual({ kind: "final", why: "attempts_used_up" });
});

test("RT-2: jitter lies within [0, jitter·delay], is equal for equal seeds, and spreads over different ones", () => {
  const policy = { ...EXPONENTIAL, jitter: 0.1 };
  const delays = new Set<number>();
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const delayMs = delayOf({ policy, seed });
      expect(delayMs).toBeGreaterThanOrEqual(30_000);
      expect(delayMs).toBeLessThanOrEqual(33_000);
      expect(delayOf({ policy, seed })).toBe(delayMs);
      delays.add(delayMs);
    }),
  );
  const neighbours = Array.from({ length: 100 }, (_, attempt) => delayOf({ policy, seed: `run/task//1/${attempt}` }));
  expect(Math.max(...neighbours) - Math.min(...neighbours)).toBeGreaterThan(2_500);
  expect(delays.size).toBeGreaterThan(50);
});

test("RT-2: jitter 0 gives the exact delays, and RT-3: delays of 0, 0.5 s and 1 s work", () => {
  for (const ms of [0, 500, 1_000]) {
    const policy: RetryPolicy = { limit: 1, delay: { kind: "fixed", ms }, jitter: 0 };
    expect(delayOf({ policy })).toBe(ms);
  }
});

test("RT-3: what another attempt cannot mend is never retried", () => {
  const all: readonly FailureReason[] = [
    "error",
    "fatal",
    "exit_code",
    "process_exited",
    "out_of_memory",
    "memory_limit",
    "timeout",
    "invalid_output",
    "cannot_start",
    "cancelled",
  ];
  const final = all.filter((reason) => decide({ failure: failure({ reason }) }).kind === "final");
  expect(final).toEqual(["fatal", "invalid_output", "cannot_start", "cancelled"]);
});

test("RT-3: retryOn lets through only its exit codes, error classes and reasons", () => {
  const policy = { ...EXPONENTIAL, retryOn: { exitCodes: [75], errors: ["NetworkError", "timeout"] } };
  const retried = (details: Partial<Failure>) => decide({ policy, failure: failure(details) }).kind === "retry";
  expect(retried({ reason: "exit_code", exitCode: 75 })).toBe(true);
  expect(retried({ reason: "exit_code", exitCode: 1 })).toBe(false);
  expect(retried({ errorName: "NetworkError" })).toBe(true);
  expect(retried({ errorName: "TypeError" })).toBe(false);
  expect(retried({ reason: "timeout" })).toBe(true);
  const onlyCodes = { ...EXPONENTIAL, retryOn: { exitCodes: [75] } };
  expect(decide({ policy: onlyCodes })).toEqual({ kind: "final", why: "not_in_retry_on" });
});

test("RT-3: retryIf may forbid a retry but not grant one beyond the limit", () => {
  expect(decide({ advice: { retry: false } })).toEqual({ kind: "final", why: "retry_if" });
  expect(decide({ attempt: 5, advice: { retry: true } })).toEqual({ kind: "final", why: "attempts_used_up" });
});

test("RT-3: a delay function takes the place of the delay, and its nonsense is not believed", () => {
  expect(delayOf({ advice: { delayMs: 7_000 } })).toBe(7_000);
  expect(delayOf({ advice: { delayMs: Number.NaN } })).toBe(30_000);
  expect(delayOf({ advice: { delayMs: -5 } })).toBe(0);
});

test("RT-3: retryAfter wins when it is longer", () => {
  expect(delayOf({ advice: { retryAfterMs: 90_000 } })).toBe(90_000);
  expect(delayOf({ advice: { retryAfterMs: 1_000 } })).toBe(30_000);
});

test("ST-5: lost attempts are outside the retry budget, up to lostLimit replacements", () => {
  expect(delayOf({ attempt: 3, lost: 2 })).toBe(30_000);
  expect(decide({ attempt: 7, lost: 2 })).toEqual({ kind: "final", why: "attempts_used_up" });
  expect(decideLost({ lost: 2, lostLimit: 3 })).toBe("replace");
  expect(decideLost({ lost: 3, lostLimit: 3 })).toBe("fail");
  expect(decideLost({ lost: 0, lostLimit: 0 })).toBe("fail");
});

function decide(question: Partial<RetryQuestion>) {
  return decideRetry({ policy: EXPONENTIAL, attempt: 1, lost: 0, failure: failure(), seed: "seed", ...question });
}

function delayOf(question: Partial<RetryQuestion>): number {
  const decision = decide(question);
  if (decision.kind === "final") throw new Error(`It is final: ${decision.why}.`);
  return decision.delayMs;
}

function failure(details: Partial<Failure> = {}): Failure {
  return { reason: "error", message: "no route to host", ...details };
}
