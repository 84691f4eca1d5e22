import type { Failure, FailureReason, RetryAdvice } from "./failure.ts";
import { seededFraction } from "./seeded-fraction.ts";

/** Retries as data (semantics RT-1, RT-2). Delays in milliseconds. */
export interface RetryPolicy {
  /** Retries after the first attempt: attempts = limit + 1. */
  readonly limit: number;
  readonly delay: RetryDelay;
  /** Share of the delay that may be added, 0..1. */
  readonly jitter: number;
  /**
   * Retry only what matches one of these; absent = everything that is retryable. `errors` holds class names of what is
   * thrown, or failure reasons such as `timeout`.
   */
  readonly retryOn?: { readonly exitCodes?: readonly number[]; readonly errors?: readonly string[] };
}

export type RetryDelay =
  | { readonly kind: "fixed"; readonly ms: number }
  /** The last value repeats. */
  | { readonly kind: "list"; readonly ms: readonly number[] }
  | { readonly kind: "exponential"; readonly firstMs: number; readonly factor: number; readonly maxMs?: number };

export const NO_RETRIES: RetryPolicy = { limit: 0, delay: { kind: "fixed", ms: 0 }, jitter: 0 };

/** Share of the delay that is added unless the policy says otherwise (RT-2). */
export const JITTER_DEFAULT = 0.1;

/** No back-off is longer: one that grows beyond a year is a mistake, and would overflow in the end. */
export const RETRY_DELAY_MS_MAX = 365 * 24 * 60 * 60 * 1000;

export interface RetryQuestion {
  readonly policy: RetryPolicy;
  /** Claims so far in this generation, the failed one included: 1 for the first. */
  readonly attempt: number;
  /** How many of them were lost, which the budget does not pay for (ST-5). */
  readonly lost: number;
  readonly failure: Failure;
  readonly advice?: RetryAdvice;
  /** Names run, task and attempt: the jitter depends on it alone (RT-2). */
  readonly seed: string;
}

export type RetryDecision =
  | { readonly kind: "retry"; readonly delayMs: number }
  | { readonly kind: "final"; readonly why: FinalReason };

export type FinalReason =
  /** A failure that another attempt cannot mend. */
  | "not_retryable"
  /** The policy retries only other exit codes and errors. */
  | "not_in_retry_on"
  /** `retryIf` said no. */
  | "retry_if"
  | "attempts_used_up";

/** Another attempt could only end the same way, or nobody wants one (RT-3). */
const NEVER_RETRIED: ReadonlySet<FailureReason> = new Set<FailureReason>([
  "fatal",
  "invalid_output",
  "cannot_start",
  "cancelled",
]);

/** What follows a failed attempt: another one after a delay, or the end (RT-1 to RT-3). For a lost one see `decideLost`. */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const { policy, attempt, lost, failure, advice, seed } = question;
  const used = attempt - lost;
  if (NEVER_RETRIED.has(failure.reason)) return { kind: "final", why: "not_retryable" };
  if (!matchesRetryOn(policy, failure)) return { kind: "final", why: "not_in_retry_on" };
  if (advice?.retry === false) return { kind: "final", why: "retry_if" };
  if (used > policy.limit) return { kind: "final", why: "attempts_used_up" };
  const delayMs = withinLimit(Math.max(plannedDelay(policy, used, advice), advice?.retryAfterMs ?? 0));
  const jitterMs = policy.jitter * delayMs * seededFraction(seed);
  return { kind: "retry", delayMs: Math.floor(delayMs + jitterMs) };
}

/** Whether a lost attempt is replaced, outside the retry budget (ST-5). `lost` counts the replacements so far. */
export function decideLost({ lost, lostLimit }: { readonly lost: number; readonly lostLimit: number }): LostDecision {
  return lost < lostLimit ? "replace" : "fail";
}

export type LostDecision = "replace" | "fail";

/** The delay before a retry, without jitter, in milliseconds. `retryNumber` is 1 for the first retry (RT-1). */
export function delayBefore({ delay }: RetryPolicy, retryNumber: number): number {
  switch (delay.kind) {
    case "fixed":
      return withinLimit(delay.ms);
    case "list":
      return withinLimit(delay.ms[Math.min(retryNumber, delay.ms.length) - 1] ?? 0);
    case "exponential":
      return withinLimit(
        Math.min(delay.firstMs * delay.factor ** (retryNumber - 1), delay.maxMs ?? RETRY_DELAY_MS_MAX),
      );
  }
}

/** A delay function of the user may have answered nonsense; then the policy's own delay holds. */
function plannedDelay(policy: RetryPolicy, used: number, advice: RetryAdvice | undefined): number {
  const advised = advice?.delayMs;
  return advised !== undefined && Number.isFinite(advised) ? advised : delayBefore(policy, used);
}

function matchesRetryOn({ retryOn }: RetryPolicy, { exitCode, errorName, reason }: Failure): boolean {
  if (retryOn === undefined) return true;
  if (exitCode !== undefined && retryOn.exitCodes?.includes(exitCode)) return true;
  return [errorName, reason].some((name) => name !== undefined && retryOn.errors?.includes(name));
}

function withinLimit(ms: number): number {
  return Math.min(Math.max(ms, 0), RETRY_DELAY_MS_MAX);
}
