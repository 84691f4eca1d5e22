import { delayBefore, type RetryPolicy } from "./retry-policy.ts";
import { seededFraction } from "./seeded-fraction.ts";

/** How long a group waits before it is tried again, in milliseconds; `failedAttempts` is 1 for the first retry (RT-1, RT-2). */
export function groupDelayMs(policy: RetryPolicy, failedAttempts: number, seed: string): number {
  const delayMs = delayBefore(policy, failedAttempts);
  return Math.floor(delayMs + policy.jitter * delayMs * seededFraction(seed));
}
