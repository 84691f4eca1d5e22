import type { PipelineSpec } from "../../../core/manifest.ts";
import type { Claim, Completion, CompletionResult, SessionId, Store } from "../../../store/store.ts";
import { PROJECT } from "../workload/scenario.ts";
import type { Dice } from "../world/dice.ts";
import type { Answers } from "./answers.ts";

const SLOTS_MAX = 4;
const QUEUES = ["default"];

export interface WorkerParts {
  readonly name: string;
  readonly store: Store;
  readonly dice: Dice;
  readonly answers: Answers;
  /** Of the run. */
  readonly pipelineOf: (runId: string) => PipelineSpec | undefined;
  /** All that anybody ever reported, for those who report it again. */
  readonly reported: Completion[];
}

/**
 * A process with connections of its own that claims and reports. It reports what it holds in any order, late, twice at
 * the same time, and long after others have taken over; and once more what another has reported.
 */
export class Worker {
  readonly #parts: WorkerParts;
  readonly #held = new Map<number, Claim>();
  #lives = 0;
  session: SessionId = "";

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    this.#lives += 1;
    this.session = `${this.#parts.name}.${this.#lives}`;
    const process = { hostname: "host", hostId: "boot", pid: 1, startTime: "1" };
    const session = { id: this.session, project: PROJECT, role: "server", process, leaseMs: 600_000 } as const;
    await this.#parts.store.openSession({ ...session, runs: null });
  }

  async step(): Promise<void> {
    switch (this.#parts.dice.weighted({ exchange: 6, again: 2, twice: 1, look: 2 })) {
      case "exchange":
        return this.#exchange(this.#reports(), this.#parts.dice.int(0, SLOTS_MAX));
      case "again":
        return this.#exchange(this.#oldReports(), 0);
      case "twice": {
        const reports = this.#reports();
        await Promise.all([this.#exchange(reports, 1), this.#exchange(reports, 1)]);
        return;
      }
      case "look":
        return this.#look();
    }
  }

  /** Ends what it holds and claims once more; answers whether anything went on. */
  async drain(): Promise<boolean> {
    await this.#look();
    const before = this.#held.size;
    await this.#exchange(
      [...this.#held.values()].map((claim) => this.#report(claim, SUCCESS)),
      SLOTS_MAX,
    );
    return before + this.#held.size > 0;
  }

  #reports(): readonly Completion[] {
    const { dice } = this.#parts;
    return dice.some([...this.#held.values()], 0.6).map((claim) => this.#report(claim, this.#drawResult(claim)));
  }

  /** About anything, or about what it has in hand once more: the report of an earlier attempt looks most like its own. */
  #oldReports(): readonly Completion[] {
    const { dice, reported } = this.#parts;
    if (dice.chance(0.5)) return dice.some(reported, 0.1);
    return reported.filter(({ taskRunKey }) => this.#held.has(taskRunKey));
  }

  #report({ taskRunKey, token }: Claim, result: CompletionResult): Completion {
    return { taskRunKey, token, session: this.session, result };
  }

  async #exchange(completions: readonly Completion[], slots: number): Promise<void> {
    const { store, answers, reported } = this.#parts;
    const { session } = this;
    for (const { taskRunKey, token } of completions) this.#letGo(taskRunKey, token);
    reported.push(...completions.filter((report) => !reported.includes(report)));
    const answer = await store.completeAndClaim(completions, { session, slots, queues: QUEUES });
    answers.note(completions, answer);
    for (const claim of answer.claims) this.#held.set(claim.taskRunKey, claim);
  }

  /** Whether its session lives, what it still holds, and what of that is to stop. */
  async #look(): Promise<void> {
    const { store, reported } = this.#parts;
    const { session } = this;
    if (!(await store.renewSession(session)).alive) {
      // What it held it reports no more, but somebody may still find the report.
      reported.push(...[...this.#held.values()].map((claim) => this.#report(claim, SUCCESS)));
      this.#held.clear();
      return this.start();
    }
    const leases = await store.leasesOf(session);
    const stops = leases.flatMap(({ taskRunKey, token, stop }) => {
      const claim = this.#held.get(taskRunKey);
      return stop !== undefined && claim?.token === token ? [this.#report(claim, CANCELLED)] : [];
    });
    await this.#exchange(stops, 0);
  }

  #letGo(taskRunKey: number, token: number): void {
    if (this.#held.get(taskRunKey)?.token === token) this.#held.delete(taskRunKey);
  }

  /** As an engine would report it: no more retries than the task has. */
  #drawResult({ runId, taskIndex, attempt, lost }: Claim): CompletionResult {
    const retries = this.#parts.pipelineOf(runId)?.tasks[taskIndex]?.retries.limit ?? 0;
    switch (this.#parts.dice.weighted({ success: 6, fail: 2, skip: 1, fatal: 1 })) {
      case "success":
        return SUCCESS;
      case "skip":
        return { kind: "skipped", reason: "skip() in the task" };
      case "fail":
        return attempt - lost <= retries ? { kind: "retrying", failure: FAILURE, delayMs: 0 } : FAILED;
      case "fatal":
        return FAILED;
    }
  }
}

const FAILURE = { reason: "error", message: "the task threw" } as const;
const SUCCESS: CompletionResult = { kind: "success", output: { kind: "inline", json: "1" } };
const FAILED: CompletionResult = { kind: "failed", failure: FAILURE };
const CANCELLED: CompletionResult = {
  kind: "cancelled",
  failure: { reason: "cancelled", message: "The attempt was stopped." },
};
