import type { Failure } from "../core/failure.ts";
import { BatutaError } from "../core/problem.ts";
import { decideRetry } from "../core/retry-policy.ts";
import type { AttemptOrder, AttemptReport, AttemptResult } from "../execution/executor.ts";
import type { Claim, CompletionResult } from "../store/store.ts";

/** What the store is told of an attempt that has reported: core decides whether a failure is retried. */
export function completionResult(order: AttemptOrder, claim: Claim, report: AttemptReport): CompletionResult {
  const { result } = report;
  if (result.kind === "asked") return cannotStart(new Error("The attempt was only asked about, and never run."));
  if (result.kind === "failed") return failedOrRetrying(order, claim, result);
  return result.kind === "success" ? withCursor(order, result) : result;
}

/** What the attempt says of a cursor counts from where it has read it. */
function withCursor(
  { cursor: read }: AttemptOrder,
  { cursor: to, ...result }: Extract<AttemptResult, { kind: "success" }>,
): CompletionResult {
  return to === undefined || read === undefined ? result : { ...result, cursor: { to, version: read.version } };
}

function failedOrRetrying(
  order: AttemptOrder,
  claim: Claim,
  { failure, advice }: Extract<AttemptResult, { kind: "failed" }>,
): CompletionResult {
  const decision = decideRetry({
    policy: order.task.retries,
    attempt: claim.attempt,
    lost: claim.lost,
    failure,
    ...(advice === undefined ? {} : { advice }),
    seed: `${order.runId}/${order.task.name}/${order.mapKey}/${claim.generation}/${claim.attempt}`,
  });
  if (decision.kind === "retry") return { kind: "retrying", failure, delayMs: decision.delayMs };
  return { kind: "failed", failure };
}

/** The attempt could not even be ordered: its version or its input is gone. */
export function cannotStart(error: unknown): CompletionResult {
  return { kind: "failed", failure: { reason: "cannot_start", message: messageOf(error) } };
}

/** No run could be made of what the task asks for: no attempt more can mend it. */
export function childCannotStart(error: unknown): CompletionResult {
  const hint = error instanceof BatutaError && error.hint !== undefined ? { hint: error.hint } : {};
  return { kind: "failed", failure: { reason: "cannot_start", message: messageOf(error), ...hint } };
}

/** The store refused the result itself, alone in its transaction: the task ends, and the run goes on. */
export function refusedByStore(error: unknown): CompletionResult {
  const failure: Failure = {
    reason: "invalid_output",
    message: `The result could not be stored: ${messageOf(error)}`,
    hint: "Return plain JSON; text must not hold NUL characters.",
  };
  return { kind: "failed", failure };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
