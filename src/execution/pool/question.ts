import type { Failure } from "../../core/failure.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { FromProcess } from "./messages.ts";
import type { PoolProcess, PoolProcessEnd } from "./pool-process.ts";
import type { PoolJob, ProcessKey, TaskPool } from "./task-pool.ts";

/** What a process answered, or why it did not. */
export type Answer = FromProcess | { readonly kind: "unanswered"; readonly failure: Failure };

export interface QuestionParts {
  readonly key: ProcessKey;
  /** The message, which may depend on what the process has heard before. */
  readonly text: (process: PoolProcess) => string;
  /** The process is ended when it has not answered in this time. */
  readonly msMax?: number;
  readonly clock: Clock;
  readonly pool: Pick<TaskPool, "submit" | "withdraw" | "release" | "retire">;
  readonly onOutput?: (stream: "out" | "err", bytes: Uint8Array) => void;
  readonly onLog?: (level: string, text: string) => void;
}

/** Asks a task process something that is no attempt: what user code says of a failure, of parameters, of work done. */
export class Question implements PoolJob {
  readonly key: ProcessKey;
  readonly answer: Promise<Answer>;
  readonly onOutput: (stream: "out" | "err", bytes: Uint8Array) => void;
  readonly onLog: (level: string, text: string) => void;
  /** What came with the answer. */
  valueJson: string | undefined;
  readonly #parts: QuestionParts;
  #resolve: (answer: Answer) => void = () => {};
  #process: PoolProcess | undefined;
  #timer: Timer | undefined;
  #isLate = false;

  constructor(parts: QuestionParts) {
    this.key = parts.key;
    this.#parts = parts;
    this.onOutput = parts.onOutput ?? (() => {});
    this.onLog = parts.onLog ?? (() => {});
    this.answer = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Asks whichever process is there, or is started for it. */
  ask(): Promise<Answer> {
    this.#parts.pool.submit(this);
    return this.answer;
  }

  /** Asks a process that the asker already has to itself. */
  takeOver(process: PoolProcess): void {
    process.use(this);
    this.begin(process);
  }

  /** The answer is not wanted any more. */
  stop(): void {
    if (this.#process !== undefined) void this.#process.tree.kill();
    else if (this.#parts.pool.withdraw(this))
      this.refuse({ reason: "cancelled", message: "The attempt was cancelled." });
  }

  begin(process: PoolProcess): void {
    const { msMax, clock, text } = this.#parts;
    this.#process = process;
    if (msMax !== undefined) {
      this.#timer = clock.after(msMax, () => {
        this.#isLate = true;
        void process.tree.kill();
      });
    }
    process.send(text(process));
  }

  refuse(failure: Failure): void {
    this.#resolve({ kind: "unanswered", failure });
  }

  onAnswer(message: FromProcess, valueJson: string | undefined): void {
    this.#timer?.cancel();
    this.valueJson = valueJson;
    const process = this.#process;
    if (process === undefined || this.#isLate) return;
    this.#process = undefined;
    if ((message.kind === "failed" && message.uncaught) || (message.kind === "polled" && message.late))
      this.#parts.pool.retire(process);
    else this.#parts.pool.release(process, this.key);
    this.#resolve(message);
  }

  onEnd({ code, signal }: PoolProcessEnd): void {
    this.#timer?.cancel();
    const how = this.#isLate
      ? `was ended after ${this.#parts.msMax} ms without an answer`
      : `ended ${code === null ? `by ${signal}` : `with exit code ${code}`} before it answered`;
    this.refuse({ reason: "process_exited", message: `The task process ${how}.` });
  }
}
