import type { Instant } from "../core/instant.ts";
import { BatutaError } from "../core/problem.ts";
import { waitAfterError, waitAfterPoll } from "../core/sensors/poll-plan.ts";
import type { Executor, PollAnswer, PollOrder } from "../execution/executor.ts";
import type { RunId, SessionId, Store } from "../store/store.ts";
import type { Poll, PollReport, PollReports, PollResult } from "../store/watch-records.ts";
import type { ClaimedWork } from "./claimed-work.ts";
import type { PollOrders } from "./poll-orders.ts";
import type { Duty } from "./service.ts";
import type { StoreSensors } from "./store-sensors.ts";

/** Polls at the same time, whatever they wait for. */
const POLLS_MAX = 500;
/** Reports in one transaction. */
const REPORTS_MAX = 200;
/** Polls that are due within this time of each other are made together. */
const TOGETHER_MS = 100;
/** Without a sensor that waits, this many times less often: whatever lets one wait tells of it. */
const IDLE_POLLS = 4;

export interface WatcherParts {
  readonly store: Pick<Store, "claimPolls" | "reportPolls" | "expireWatches">;
  readonly executor: Pick<Executor, "poll">;
  readonly orders: PollOrders;
  readonly own: StoreSensors;
}

export interface WatcherScope {
  readonly session: SessionId;
  readonly project: string;
  readonly work: ClaimedWork;
  /** How often to look for new work without a hint. */
  readonly pollMs: number;
}

/**
 * Looks for what the sensors of its queues wait for (WT-1): takes polls that are due, has them made, and reports.
 *
 * Owns: the polls in hand, from their claim to the commit of their report.
 * Does not own: when a poll is due, and when a wait is over; rows say that, and a poll that is lost here is due again.
 *
 * 1. A task run has at most one poll in hand; when its row was taken anew meanwhile, the answer goes with the newer number.
 * 2. Nothing that a poll does rejects here: it is an answer, or an error that is counted.
 */
export class Watcher implements Duty {
  readonly name = "watcher";
  readonly #parts: WatcherParts;
  readonly #scope: WatcherScope;
  /** By task run: the poll that was taken last. */
  readonly #inHand = new Map<number, Poll>();
  #reports: PollReport[] = [];
  #draining = false;
  /** Woken when there is something to report. */
  onAnswer: () => void = () => {};
  /** Told when waits have ended: dependants may be ready, and attempts to be stopped. */
  onEnded: (ended: Pick<PollReports, "finishedRuns">) => void = () => {};

  constructor(parts: WatcherParts, scope: WatcherScope) {
    this.#parts = parts;
    this.#scope = scope;
  }

  /** Takes nothing any more; what is cut off from now on says nothing about its sensor, and is due again. */
  drain(): void {
    this.#draining = true;
  }

  async poll(): Promise<number> {
    await this.#report();
    if (this.#draining) return this.#scope.pollMs;
    const { expired, nextInMs: deadlineInMs } = await this.#parts.store.expireWatches();
    if (expired > 0) this.onEnded({ finishedRuns: [] });
    const pollInMs = await this.#takeDue();
    if (this.#reports.length > 0) return 0;
    const idleMs = this.#scope.pollMs * (pollInMs === undefined ? IDLE_POLLS : 1);
    // What comes a little later comes along: a transaction for each would cost more than the polls.
    const nextMs = pollInMs === undefined ? idleMs : Math.max(pollInMs, TOGETHER_MS);
    return Math.min(nextMs, Math.max(deadlineInMs ?? idleMs, 0), idleMs);
  }

  async #report(): Promise<void> {
    while (this.#reports.length > 0) {
      const reports = this.#reports.splice(0, REPORTS_MAX);
      const { finishedRuns } = await this.#reportSafely(reports);
      if (reports.some(({ result }) => result.kind !== "not_yet" && result.kind !== "error"))
        this.onEnded({ finishedRuns });
    }
  }

  /** What the store could not take is told again; in the worst case the polls are due again. */
  async #reportSafely(reports: readonly PollReport[]): Promise<PollReports> {
    try {
      return await this.#parts.store.reportPolls(reports);
    } catch (error) {
      if (isOutage(error)) {
        this.#reports.unshift(...reports);
        throw error;
      }
      return this.#isolate(reports, error);
    }
  }

  /** Halves a refused batch until the refused report stands alone, and lets that one fail its sensor. */
  async #isolate(reports: readonly PollReport[], cause: unknown): Promise<PollReports> {
    const [first] = reports;
    if (first === undefined) throw cause;
    if (reports.length === 1) return this.#parts.store.reportPolls([{ ...first, result: refused(cause) }]);
    const middle = Math.ceil(reports.length / 2);
    const halves = [reports.slice(0, middle), reports.slice(middle)];
    const told: PollReports[] = [];
    for (const half of halves) told.push(await this.#reportSafely(half));
    return {
      reports: told.flatMap((one) => one.reports),
      finishedRuns: told.flatMap((one) => one.finishedRuns),
      stopsRequested: told.some((one) => one.stopsRequested),
    };
  }

  /** Gives when the next one is due; undefined when nothing waits. */
  async #takeDue(): Promise<number | undefined> {
    const { session, project, work } = this.#scope;
    const { queues, runs } = work;
    const limit = POLLS_MAX - this.#inHand.size;
    const taken = await this.#parts.store.claimPolls({ session, project, queues, limit, ...(runs && { runs }) });
    const fresh = taken.polls.filter((poll) => !this.#inHand.has(poll.taskRunKey));
    for (const poll of taken.polls) this.#inHand.set(poll.taskRunKey, poll);
    for (const [runId, polls] of Map.groupBy(fresh, (poll) => poll.runId)) void this.#makeAll(runId, polls, taken.now);
    return limit > 0 ? taken.nextInMs : this.#scope.pollMs;
  }

  async #makeAll(runId: RunId, polls: readonly Poll[], now: Instant): Promise<void> {
    try {
      const orders = await this.#parts.orders.ofRun(runId, polls, now);
      for (const [index, poll] of polls.entries()) void this.#make({ poll, now }, orders[index]);
    } catch (error) {
      for (const poll of polls) {
        // An outage says nothing about the sensor: its poll is due again.
        if (isOutage(error)) this.#inHand.delete(poll.taskRunKey);
        else this.#answered({ poll, now }, undefined, unordered(error));
      }
    }
  }

  async #make(made: Made, order: PollOrder | BatutaError | undefined): Promise<void> {
    if (order === undefined || order instanceof BatutaError) this.#answered(made, undefined, unordered(order));
    else this.#answered(made, order, await this.#ask(order));
  }

  async #ask(order: PollOrder): Promise<PollAnswer> {
    try {
      const { own, executor } = this.#parts;
      return order.sensor.by === "store" ? await own.poll(order) : await executor.poll(order);
    } catch (error) {
      return isOutage(error) ? { kind: "error", failure: failureOf(error) } : unordered(error);
    }
  }

  #answered({ poll, now }: Made, order: PollOrder | undefined, answer: PollAnswer): void {
    const last = this.#inHand.get(poll.taskRunKey) ?? poll;
    const { taskRunKey, generation, token } = last;
    if (!isOfSameWait(last, poll)) {
      void this.#makeAll(last.runId, [last], now);
      return;
    }
    this.#inHand.delete(taskRunKey);
    if (this.#draining && answer.kind === "error") return;
    this.#reports.push({ taskRunKey, generation, token, result: resultOf(poll, order, answer) });
    this.onAnswer();
  }
}

interface Made {
  readonly poll: Poll;
  readonly now: Instant;
}

/** Else it was ended and begun anew meanwhile: what was seen then was seen by another wait. */
function isOfSameWait(one: Poll, other: Poll): boolean {
  return one.generation === other.generation && one.deadline === other.deadline;
}

function resultOf(poll: Poll, order: PollOrder | undefined, answer: PollAnswer): PollResult {
  const { polls, errors } = poll;
  const facts = { polls, errors, seed: `${poll.runId}/${poll.taskRunKey}/${poll.generation}` };
  switch (answer.kind) {
    case "not_yet": {
      const { againMs, ...told } = answer;
      return { ...told, waitMs: againMs ?? (order === undefined ? 0 : waitAfterPoll(order.sensor.pollEvery, facts)) };
    }
    case "error": {
      const waitMs = order === undefined ? undefined : waitAfterError(order.sensor, facts);
      return waitMs === undefined ? { kind: "failed", failure: answer.failure } : { ...answer, waitMs };
    }
    case "done": {
      const { kind: _kind, ...value } = answer;
      return { kind: "success", ...value };
    }
    default:
      return answer;
  }
}

/** No poll more can mend it: its version, its item or a name in its configuration is not there. */
function unordered(error: unknown): PollAnswer {
  return { kind: "failed", failure: { ...failureOf(error), reason: "cannot_start" } };
}

function refused(error: unknown): PollResult {
  const hint = "Give plain JSON; text must not hold NUL characters.";
  return { kind: "failed", failure: { ...failureOf(error), reason: "invalid_output", hint } };
}

function failureOf(error: unknown): { readonly reason: "error"; readonly message: string; readonly hint?: string } {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof BatutaError ? error.hint : undefined;
  return { reason: "error", message, ...(hint === undefined ? {} : { hint }) };
}

function isOutage(error: unknown): boolean {
  return error instanceof BatutaError && (error.code === "store_unreachable" || error.code === "disk_full");
}
