import type { Failure } from "../../core/failure.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PollAnswer, PollOrder } from "../executor.ts";
import { type ConnectedPoll, pollsOrderText } from "../pool/order-text.ts";
import { type Answer, Question, type QuestionParts } from "../pool/question.ts";
import type { ProcessKey } from "../pool/task-pool.ts";

/** Sensors that look at the same time in one process: their answers have to fit into one message. */
const POLLS_AT_ONCE_MAX = 32;
/** What a process may take beyond the longest time-out of the polls it was given, for all that stands around them. */
const ANSWER_MS_MORE = 5_000;

/**
 * Polls by code of a pipeline, in warm task processes of their own: those of one pipeline that are due together look
 * together. When a process dies over several, each is asked again alone, so that one takes no other with it.
 */
export class FunctionPolls {
  readonly #pool: QuestionParts["pool"];
  readonly #clock: Clock;
  readonly #waiting = new Map<string, WaitingPoll[]>();

  constructor(pool: QuestionParts["pool"], clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  poll(poll: PollOrder, connections: ConnectedPoll["connections"]): Promise<PollAnswer> {
    return new Promise((resolve) => {
      const name = JSON.stringify(keyOf(poll));
      const waiting = this.#waiting.get(name);
      const one = { poll, connections, resolve };
      if (waiting !== undefined) {
        waiting.push(one);
        return;
      }
      this.#waiting.set(name, [one]);
      // Those that were taken together arrive together.
      this.#clock.soon(() => this.#askAll(name));
    });
  }

  #askAll(name: string): void {
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (let from = 0; from < waiting.length; from += POLLS_AT_ONCE_MAX) {
      void this.#ask(waiting.slice(from, from + POLLS_AT_ONCE_MAX));
    }
  }

  async #ask(polls: readonly WaitingPoll[]): Promise<void> {
    const [first] = polls;
    if (first === undefined) return;
    const msMax = Math.max(...polls.map(({ poll }) => poll.sensor.pollTimeoutMs)) + ANSWER_MS_MORE;
    const { clock, pool } = { clock: this.#clock, pool: this.#pool };
    const answer = await new Question({
      key: keyOf(first.poll),
      text: () => pollsOrderText(polls),
      msMax,
      clock,
      pool,
    }).ask();
    if (answer.kind === "polled") {
      for (const [index, { resolve }] of polls.entries()) resolve(answer.answers[index] ?? NO_ANSWER);
    } else if (polls.length === 1) first.resolve({ kind: "error", failure: failureOf(answer) });
    else await Promise.all(polls.map((one) => this.#ask([one])));
  }
}

interface WaitingPoll extends ConnectedPoll {
  readonly resolve: (answer: PollAnswer) => void;
}

function keyOf({ order: { versionHash, graphHash, pipelineFile, pipeline } }: PollOrder): ProcessKey {
  return { versionHash, graphHash, pipelineFile, pipeline };
}

function failureOf(answer: Answer): Failure {
  if (answer.kind === "failed" || answer.kind === "unanswered") return answer.failure;
  return { reason: "error", message: `A task process answered "${answer.kind}" to a poll.` };
}

const NO_ANSWER: PollAnswer = {
  kind: "error",
  failure: { reason: "error", message: "The task process has answered fewer polls than it was asked for." },
};
