import type { AttemptId } from "./executor.ts";
import type { AttemptLog } from "./logs/attempt-log.ts";
import type { LogLevel } from "./logs/log-line.ts";
import type { LogStore } from "./logs/log-store.ts";

/** The log of an attempt, opened when there is something to say: most attempts of a large run say nothing. */
export class AttemptOutput {
  readonly #logs: LogStore;
  readonly #attempt: AttemptId;
  #log: AttemptLog | undefined;
  #isClosed = false;

  constructor(logs: LogStore, attempt: AttemptId) {
    this.#logs = logs;
    this.#attempt = attempt;
  }

  bytes(stream: "out" | "err", bytes: Uint8Array): void {
    if (bytes.length > 0) this.#open()?.bytes(stream, bytes);
  }

  /** What the task says with `log`; a level that nobody knows is `info`. */
  say(level: string, text: string): void {
    this.#open()?.line(LEVELS.find((known) => known === level) ?? "info", text);
  }

  /** What Batuta has to say of the attempt. */
  note(text: string): void {
    this.#open()?.line("batuta", text);
  }

  close(): void {
    this.#isClosed = true;
    this.#log?.close();
  }

  #open(): AttemptLog | undefined {
    if (this.#isClosed) return undefined;
    this.#log ??= this.#logs.open(this.#attempt);
    return this.#log;
  }
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];
