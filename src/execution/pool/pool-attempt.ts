import type { Failure, ResourceUsage } from "../../core/failure.ts";
import { AttemptGuard } from "../attempt-guard.ts";
import { AttemptOutput } from "../attempt-output.ts";
import type { AttemptServices } from "../attempt-services.ts";
import type { AttemptOrder, AttemptReport, AttemptResult, StopManner } from "../executor.ts";
import { failedOf, successOf } from "./answered-result.ts";
import { answeredUsage, endedUsage } from "./attempt-usage.ts";
import type { FromProcess } from "./messages.ts";
import { runOrderText } from "./order-text.ts";
import type { PoolProcess, PoolProcessEnd } from "./pool-process.ts";
import { processEndFailure } from "./process-end-failure.ts";
import { isWorn, leavesNoRoom } from "./process-wear.ts";
import { Question } from "./question.ts";
import { ADVICE_MS_MAX, advised, adviseOrderText, wantsAdvice } from "./retry-advice.ts";
import type { PoolJob, ProcessKey } from "./task-pool.ts";

/** A process that ended by itself just when it was given the order had not begun it. */
const RESUBMITS_MAX = 3;

/**
 * One attempt of a task that is a function: from the order to its one report.
 *
 * Where anything went wrong (a stop, an uncaught error, children left behind) the process is ended with all it has
 * started, and the report is given when nothing of it runs any more.
 */
export class PoolAttempt implements PoolJob {
  readonly key: ProcessKey;
  readonly #report: Promise<AttemptReport>;
  readonly #order: AttemptOrder;
  readonly #services: AttemptServices;
  readonly #connections: Readonly<Record<string, string>>;
  readonly #guard: AttemptGuard;
  readonly #output: AttemptOutput;
  #resolve: (report: AttemptReport) => void = () => {};
  #process: PoolProcess | undefined;
  #question: Question | undefined;
  #usage: ResourceUsage | undefined;
  /** What the task answered, when its process must end before it is reported. */
  #answered: AttemptResult | undefined;
  #resubmits = 0;

  constructor(order: AttemptOrder, services: AttemptServices, connections: Readonly<Record<string, string>>) {
    const { versionHash, graphHash, pipelineFile, pipeline, task } = order;
    this.key = { versionHash, graphHash, pipelineFile, pipeline };
    this.#order = order;
    this.#services = services;
    this.#connections = connections;
    this.#guard = new AttemptGuard({ task, clock: services.clock, sampler: services.sampler });
    this.#output = new AttemptOutput(services.logs, order);
    this.#report = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  run(): Promise<AttemptReport> {
    if (this.#order.note !== undefined) this.#output.note(this.#order.note);
    this.#services.pool.submit(this);
    return this.#report;
  }

  /** The report will say `cancelled`, unless the attempt is being ended for another reason. */
  stop(how?: StopManner): void {
    this.#guard.cancel(how);
    this.#question?.stop();
    const { pool } = this.#services;
    if (this.#process === undefined && this.#question === undefined && pool.withdraw(this)) this.#give(undefined);
  }

  begin(process: PoolProcess): void {
    if (leavesNoRoom(process, this.#order.task.memoryLimitBytes)) {
      this.#services.pool.retire(process);
      this.#services.pool.submit(this);
      return;
    }
    this.#process = process;
    const runIsKnown = process.hearOf(this.#order);
    this.#guard.begin(process.pid, process.tree);
    process.send(runOrderText(this.#order, { runIsKnown, connections: this.#connections }));
  }

  refuse(failure: Failure): void {
    this.#give(failure.reason === "cancelled" ? { kind: "cancelled", failure } : { kind: "failed", failure });
  }

  onOutput(stream: "out" | "err", bytes: Uint8Array): void {
    this.#output.bytes(stream, bytes);
  }

  onLog(level: string, text: string): void {
    this.#output.say(level, text);
  }

  onAnswer(message: FromProcess, valueJson: string | undefined): void {
    const process = this.#process;
    if (process === undefined) return;
    process.ordersDone += 1;
    const result = this.#resultOf(message, valueJson);
    if ("use" in message) this.#usage = answeredUsage(process, message.use, this.#guard);
    if (this.#mustEnd(process, message)) {
      this.#answered = result;
      void process.tree.kill();
      return;
    }
    this.#process = undefined;
    this.#guard.end();
    const { pool } = this.#services;
    const worn = "use" in message && isWorn(process, message.use);
    if (worn) pool.retire(process);
    if (wantsAdvice(this.#order, result)) void this.#askThenReport(result, worn ? undefined : process);
    else {
      if (!worn) pool.release(process, this.key);
      this.#give(result);
    }
  }

  onEnd(end: PoolProcessEnd): void {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    const begun = this.#answered !== undefined || end.lastWord?.wasBusy !== false;
    if (!begun && !this.#guard.isStopping && this.#resubmits < RESUBMITS_MAX) {
      this.#resubmits += 1;
      this.#guard.pause();
      this.#services.pool.submit(this);
      return;
    }
    this.#usage ??= endedUsage(process, this.#guard);
    this.#guard.end();
    this.#services.temp.remove(this.#order);
    const result = this.#stopped() ?? this.#answered ?? { kind: "failed", failure: processEndFailure(end) };
    if (wantsAdvice(this.#order, result)) void this.#askThenReport(result, undefined);
    else this.#give(result);
  }

  /** The process may not go on: the attempt is being stopped, or has left something behind. */
  #mustEnd(process: PoolProcess, message: FromProcess): boolean {
    if (this.#guard.isStopping) return true;
    if (message.kind === "failed" && message.uncaught) return true;
    if (!("use" in message) || message.use.spawned !== true) return false;
    const left = process.tree.others().length;
    if (left > 0)
      this.#output.note(`${left} processes that the task had started still ran when it ended; they are ended too.`);
    return left > 0;
  }

  /** In the process that failed, or in a fresh one. */
  async #askThenReport(
    result: Extract<AttemptResult, { kind: "failed" }>,
    process: PoolProcess | undefined,
  ): Promise<void> {
    const { clock, pool } = this.#services;
    const question = new Question({
      key: this.key,
      text: () => adviseOrderText(this.#order, result.failure),
      msMax: ADVICE_MS_MAX,
      clock,
      pool,
      onOutput: (stream, bytes) => this.#output.bytes(stream, bytes),
      onLog: (level, text) => this.#output.say(level, text),
    });
    this.#question = question;
    if (process === undefined) pool.submit(question);
    else question.takeOver(process);
    this.#give(advised(result, await question.answer));
  }

  #resultOf(message: FromProcess, valueJson: string | undefined): AttemptResult {
    switch (message.kind) {
      case "success":
        return successOf(this.#order, message, valueJson);
      case "skipped":
        return { kind: "skipped", reason: message.reason };
      case "failed":
        return failedOf(message);
      default:
        return {
          kind: "failed",
          failure: { reason: "error", message: `The task process answered "${message.kind}".` },
        };
    }
  }

  #stopped(): AttemptResult | undefined {
    const failure = this.#guard.stopFailure();
    if (failure === undefined) return undefined;
    return { kind: failure.reason === "cancelled" ? "cancelled" : "failed", failure };
  }

  #give(result: AttemptResult | undefined): void {
    this.#guard.end();
    this.#output.close();
    const final = this.#stopped() ?? result ?? { kind: "failed", failure: NO_RESULT };
    this.#resolve({ result: final, ...(this.#usage === undefined ? {} : { usage: this.#usage }) });
  }
}

const NO_RESULT: Failure = { reason: "error", message: "The attempt ended without a result." };
