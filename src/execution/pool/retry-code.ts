import type { FailureView, TaskFunctions } from "../../core/definition.ts";
import { parseDuration } from "../../core/duration.ts";
import type { RetryAdvice } from "../../core/failure.ts";

/** What the user's `retryIf` and delay function say of a failure; a throw is named and takes nothing else away. */
export async function askRetryCode(
  { retryIf, retryDelay }: TaskFunctions,
  failure: FailureView,
): Promise<{ readonly advice: RetryAdvice; readonly problem?: string }> {
  let asked = "retryIf";
  try {
    const retry = retryIf === undefined ? undefined : Boolean(await retryIf(failure));
    const decided = retry === undefined ? {} : { retry };
    if (retry === false || retryDelay === undefined) return { advice: decided };
    asked = "The function that gives the delay of retries";
    return { advice: { ...decided, delayMs: parseDuration(await retryDelay(failure), "delay before a retry") } };
  } catch (thrown) {
    const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return { advice: {}, problem: `${asked} threw ${message}` };
  }
}
