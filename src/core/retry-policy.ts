import type { Failure, RetryAdvice } from "./failure.ts";

/** Retries as data (semantics RT-1, RT-2). Delays in milliseconds. */
export interface RetryPolicy {
  /** Retries after the first attempt: attempts = limit + 1. */
  readonly limit: number;
  readonly delay: RetryDelay;
  /** Share of the delay that may be added, 0..1. */
  readonly jitter: number;
  /** Retry only these; absent = everything that is retryable. */
  readonly retryOn?: { readonly exitCodes?: readonly number[]; readonly errors?: readonly string[] };
}

export type RetryDelay =
  | { readonly kind: "fixed"; readonly ms: number }
  | { readonly kind: "list"; readonly ms: readonly number[] }
  | { readonly kind: "exponential"; readonly firstMs: number; readonly factor: number; readonly maxMs?: number };

export const NO_RETRIES: RetryPolicy = { limit: 0, delay: { kind: "fixed", ms: 0 }, jitter: 0 };

export interface FailedAttempt {
  readonly policy: RetryPolicy;
  /** Claims so far in this generation, this one included. */
  readonly attempt: number;
  /** How many of them were lost: those are outside the budget (ST-5). */
  readonly lost: number;
  readonly failure: Failure;
  /** What user code or a server said of the next attempt. */
  readonly advice?: RetryAdvice;
  /** Names the attempt; equal seeds give equal jitter (RT-2). */
  readonly seed: string;
}

export type RetryDecision =
  | { readonly kind: "retry"; readonly delayMs: number }
  | { readonly kind: "final"; readonly why: "no_attempt_left" | "not_retryable" | "retry_on" | "retry_if" };

/** Another attempt, and after how long; or none, and why. */
export function decideRetry({ policy, attempt, lost, failure, advice, seed }: FailedAttempt): RetryDecision {
  const used = attempt - lost;
  if (NEVER_RETRIED.includes(failure.reason)) return { kind: "final", why: "not_retryable" };
  if (used > policy.limit) return { kind: "final", why: "no_attempt_left" };
  if (!isWanted(policy, failure)) return { kind: "final", why: "retry_on" };
  if (advice?.retry === false) return { kind: "final", why: "retry_if" };
  const planned = advice?.delayMs ?? withJitter(delayBefore(policy, used), policy.jitter, seed);
  return { kind: "retry", delayMs: Math.max(planned, advice?.retryAfterMs ?? 0) };
}

/** The delay before retry `number` (1 is the first), without jitter. */
export function delayBefore({ delay }: RetryPolicy, number: number): number {
  switch (delay.kind) {
    case "fixed":
      return delay.ms;
    case "list":
      return delay.ms[Math.min(number, delay.ms.length) - 1] ?? 0;
    case "exponential":
      return Math.min(delay.firstMs * delay.factor ** (number - 1), delay.maxMs ?? Number.MAX_SAFE_INTEGER);
  }
}

/** A lost worker's attempt is replaced, up to the limit of replacements in one generation (ST-5). */
export function decideLost({ lost, lostLimit }: { lost: number; lostLimit: number }): "replace" | "fail" {
  return lost < lostLimit ? "replace" : "fail";
}

const NEVER_RETRIED: readonly Failure["reason"][] = ["fatal", "invalid_output", "cannot_start", "cancelled"];

function isWanted({ retryOn }: RetryPolicy, failure: Failure): boolean {
  if (retryOn === undefined) return true;
  const byCode = failure.exitCode !== undefined && retryOn.exitCodes?.includes(failure.exitCode) === true;
  const byError = failure.errorName !== undefined && retryOn.errors?.includes(failure.errorName) === true;
  return byCode || byError;
}

function withJitter(delayMs: number, jitter: number, seed: string): number {
  return Math.round(delayMs + delayMs * jitter * fraction(seed));
}

/** FNV-1a of the seed with a final mix, as a number in [0, 1). */
function fraction(seed: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < seed.length; index++) hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
