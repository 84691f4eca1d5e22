import { formatDuration } from "../../core/duration.ts";
import type { Failure } from "../../core/failure.ts";
import { isNotYet, MEMORY_BYTES_MAX, type NotYet } from "../../core/sensors/not-yet.ts";
import { toJsonText } from "../../core/serialize-value.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PollAnswer } from "../executor.ts";
import { keptValue, type ValueKeeping } from "../pool/run-attempt.ts";
import { signalOf, thrownFailure } from "../pool/thrown-failure.ts";

export interface PollToTake {
  /** Looks once. */
  readonly look: () => unknown;
  /** It is to stop: nobody waits for its answer any more. */
  readonly abort: (reason: string) => void;
  /** What was logged last, for whoever asks what was seen. */
  readonly lastLine?: () => string | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly keep: ValueKeeping;
  readonly rootDir: string;
}

export interface TakenPoll {
  readonly answer: PollAnswer;
  /** It never answered, and may still be at work. */
  readonly isLate: boolean;
}

/** Looks once for what a sensor waits for. Never rejects, and answers in time whatever user code does but block. */
export async function takePoll(poll: PollToTake): Promise<TakenPoll> {
  const { timeoutMs, clock, abort, rootDir } = poll;
  return new Promise((resolve) => {
    const timer = clock.after(timeoutMs, () => {
      const failure = lateFailure(timeoutMs);
      abort(failure.message);
      resolve({ answer: { kind: "error", failure }, isLate: true });
    });
    void answerOf(poll)
      .catch((thrown: unknown) => thrownAnswer(thrown, rootDir))
      .then((answer) => {
        timer.cancel();
        resolve({ answer, isLate: false });
      });
  });
}

async function answerOf({ look, keep, lastLine }: PollToTake): Promise<PollAnswer> {
  const answer: unknown = await look();
  if (isNotYet(answer)) return notYetAnswer(answer);
  if (answer === undefined || answer === null || answer === false) {
    const seen = lastLine?.();
    return { kind: "not_yet", ...(seen === undefined ? {} : { seen }) };
  }
  const kept = await keptValue(answer === true ? undefined : answer, keep);
  if (kept.kind !== "success") return kept.kind === "skipped" ? kept : { kind: "failed", failure: kept.failure };
  const { json, blob, items } = kept;
  if (blob !== undefined) return { kind: "done", output: { kind: "blob", ...blob }, ...(items && { items }) };
  return { kind: "done", ...(json === undefined ? {} : { output: { kind: "inline", json } }) };
}

function notYetAnswer({ seen, memory, againMs }: NotYet): PollAnswer {
  const text = memory === undefined ? undefined : toJsonText(memory);
  if (text?.ok === false) return badMemory(`${text.path} ${text.problem}`, text.hint);
  if (text !== undefined && text.bytes > MEMORY_BYTES_MAX) {
    return badMemory(
      `it has ${text.bytes} bytes, and ${MEMORY_BYTES_MAX} are the most`,
      "Keep a hash of it, or a count.",
    );
  }
  return {
    kind: "not_yet",
    ...(seen === undefined ? {} : { seen: String(seen) }),
    ...(memory === undefined ? {} : { memory }),
    ...(typeof againMs === "number" && Number.isFinite(againMs) ? { againMs: Math.max(againMs, 0) } : {}),
  };
}

function badMemory(why: string, hint: string): PollAnswer {
  const failure: Failure = { reason: "invalid_output", message: `\`memory\` cannot be kept: ${why}.`, hint };
  return { kind: "failed", failure };
}

/** What was thrown decides: `skip()`, `fatal()`, or a poll that went wrong. */
function thrownAnswer(thrown: unknown, rootDir: string): PollAnswer {
  const failure = thrownFailure(thrown, rootDir);
  const signal = signalOf(thrown);
  if (signal === "skip") return { kind: "skipped", reason: failure.message };
  return { kind: signal === "fatal" ? "failed" : "error", failure };
}

export function lateFailure(timeoutMs: number): Failure {
  return {
    reason: "timeout",
    message: `The poll did not answer within ${formatDuration(timeoutMs)}.`,
    hint: "Let it look at one thing and answer at once, or raise `pollTimeout`.",
  };
}
