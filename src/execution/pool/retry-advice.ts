import type { FailureView } from "../../core/definition.ts";
import type { Failure } from "../../core/failure.ts";
import { decideRetry } from "../../core/retry-policy.ts";
import type { AttemptOrder, AttemptResult } from "../executor.ts";
import type { AdviseOrder } from "./messages.ts";
import type { Answer } from "./question.ts";

/** User code decides on a retry in this time, or not at all. */
export const ADVICE_MS_MAX = 5_000;

type Failed = Extract<AttemptResult, { kind: "failed" }>;

/** Whether user code has a say in what follows this result. */
export function wantsAdvice({ task }: AttemptOrder, result: AttemptResult): result is Failed {
  if (!task.hasRetryCode || result.kind !== "failed") return false;
  // Asked as of a first attempt: whether attempts are left, the engine knows.
  const decision = decideRetry({ policy: task.retries, attempt: 1, lost: 0, failure: result.failure, seed: "" });
  return decision.kind === "retry";
}

export function adviseOrderText({ task, attempt }: AttemptOrder, failure: Failure): string {
  const { reason, errorName, message, exitCode, signal } = failure;
  const view: FailureView = {
    reason,
    message,
    attempt,
    ...(errorName === undefined ? {} : { errorName }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
  };
  const order: AdviseOrder = { kind: "advise", task: task.name, failure: view };
  return JSON.stringify(order);
}

/** The result with what user code said of it. Where it said nothing, the policy decides alone, and the hint says why. */
export function advised(result: Failed, answer: Answer): AttemptResult {
  if (answer.kind !== "advice") {
    const why = answer.kind === "unanswered" || answer.kind === "failed" ? answer.failure.message : answer.kind;
    return { ...result, failure: withHint(result.failure, `retryIf and the delay function gave no answer: ${why}`) };
  }
  const advice = { ...result.advice, ...answer.advice };
  const failure = answer.problem === undefined ? result.failure : withHint(result.failure, `${answer.problem}.`);
  return { ...result, failure, ...(Object.keys(advice).length === 0 ? {} : { advice }) };
}

function withHint(failure: Failure, hint: string): Failure {
  return { ...failure, hint: failure.hint === undefined ? hint : `${failure.hint} ${hint}` };
}
