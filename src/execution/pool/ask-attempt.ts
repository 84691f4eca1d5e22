import { AttemptOutput } from "../attempt-output.ts";
import type { AttemptServices } from "../attempt-services.ts";
import type { AttemptOrder, AttemptReport, AttemptResult } from "../executor.ts";
import { successOf } from "./answered-result.ts";
import { askFirstOrderText, cacheKeyOrderText, type OrderExtras } from "./order-text.ts";
import { type Answer, Question } from "./question.ts";

/** A key function answers in this time, or the cache is passed by. */
const KEY_MS_MAX = 5_000;

/**
 * What a task's functions say before its work, asked alone: `runIf` and `doneWhen`, which may end the attempt, then the
 * key function of its cache, which may not.
 */
export class AskAttempt {
  readonly #order: AttemptOrder;
  readonly #services: AttemptServices;
  readonly #connections: Readonly<Record<string, string>>;
  readonly #output: AttemptOutput;
  #question: Question | undefined;
  #isStopping = false;

  constructor(order: AttemptOrder, services: AttemptServices, connections: Readonly<Record<string, string>>) {
    this.#order = order;
    this.#services = services;
    this.#connections = connections;
    this.#output = new AttemptOutput(services.logs, order);
  }

  async run(): Promise<AttemptReport> {
    try {
      const { timeoutMs, cache } = this.#order.task;
      const ended = this.#order.askFirst ? await this.#askFirst(timeoutMs) : undefined;
      if (this.#isStopping) return CANCELLED;
      if (ended !== undefined) return { result: ended };
      const result = cache?.key === "function" ? await this.#askKey() : ({ kind: "asked" } as const);
      return this.#isStopping ? CANCELLED : { result };
    } finally {
      this.#output.close();
      this.#services.temp.remove(this.#order);
    }
  }

  stop(): void {
    this.#isStopping = true;
    this.#question?.stop();
  }

  async #askFirst(msMax: number | undefined): Promise<AttemptResult | undefined> {
    const answer = await this.#ask(askFirstOrderText, msMax);
    return answeredFirst(this.#order, answer);
  }

  async #askKey(): Promise<AttemptResult> {
    const answer = await this.#ask(cacheKeyOrderText, KEY_MS_MAX);
    if (answer.kind === "cache_key") return { kind: "asked", cacheKey: answer.key };
    return { kind: "asked", problem: `its key function gave no key: ${problemOf(answer)}` };
  }

  #ask(text: (order: AttemptOrder, extras: OrderExtras) => string, msMax: number | undefined): Promise<Answer> {
    const { versionHash, graphHash, pipelineFile, pipeline } = this.#order;
    const { clock, pool } = this.#services;
    const question = new Question({
      key: { versionHash, graphHash, pipelineFile, pipeline },
      text: (process) => {
        const runIsKnown = process.hearOf(this.#order);
        return text(this.#order, { runIsKnown, connections: this.#connections });
      },
      ...(msMax === undefined ? {} : { msMax }),
      clock,
      pool,
      onOutput: (stream, bytes) => this.#output.bytes(stream, bytes),
      onLog: (level, line) => this.#output.say(level, line),
    });
    this.#question = question;
    return question.ask();
  }
}

/** What `runIf` and `doneWhen` make of an attempt; undefined when there is work to do. */
export function answeredFirst(order: AttemptOrder, answer: Answer): AttemptResult | undefined {
  switch (answer.kind) {
    case "go_on":
      return undefined;
    case "success":
      return successOf(order, answer, undefined);
    case "skipped":
      return { kind: "skipped", reason: answer.reason };
    case "failed":
    case "unanswered":
      return { kind: "failed", failure: answer.failure };
    default:
      return { kind: "failed", failure: { reason: "error", message: `It was answered with "${answer.kind}".` } };
  }
}

function problemOf(answer: Answer): string {
  if (answer.kind !== "failed" && answer.kind !== "unanswered") return `it was answered with "${answer.kind}"`;
  const { message, location } = answer.failure;
  return location === undefined ? message : `${message} (${location.file}:${location.line})`;
}

const CANCELLED: AttemptReport = {
  result: { kind: "cancelled", failure: { reason: "cancelled", message: "The attempt was stopped." } },
};
