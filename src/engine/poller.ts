import type { Clock, Timer } from "../ports/clock.ts";
import type { Duty, DutyProblem, Service } from "./service.ts";

/** After a failed turn a duty waits this long, doubled each time up to the maximum. */
const FAILURE_DELAY_MS_FIRST = 100;
const FAILURE_DELAY_MS_MAX = 5_000;

/**
 * Calls a duty again and again: when it asked to be called, sooner when woken, and later after a failure. At most one
 * turn is under way; a wake during a turn means one more turn after it.
 */
export class Poller implements Service {
  readonly #duty: Duty;
  readonly #clock: Clock;
  readonly #onProblem: (problem: DutyProblem) => void;
  #running = false;
  #turn: Promise<void> | undefined;
  #wokenDuringTurn = false;
  #timer: Timer | undefined;
  /** Monotonic time of the next turn; Infinity while none is planned. */
  #nextAt = Number.POSITIVE_INFINITY;
  #failures = 0;

  constructor(duty: Duty, clock: Clock, onProblem: (problem: DutyProblem) => void) {
    this.#duty = duty;
    this.#clock = clock;
    this.#onProblem = onProblem;
  }

  async start(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelTimer();
    await this.#turn;
  }

  /** A turn as soon as possible. */
  wake(): void {
    this.wakeIn(0);
  }

  /** A turn in `delayMs` at the latest; one that is already planned sooner stays. */
  wakeIn(delayMs: number): void {
    if (!this.#running) return;
    if (this.#turn !== undefined && delayMs <= 0) {
      this.#wokenDuringTurn = true;
      return;
    }
    const at = this.#clock.mono() + Math.max(delayMs, 0);
    if (at >= this.#nextAt) return;
    this.#cancelTimer();
    this.#nextAt = at;
    if (delayMs <= 0) this.#clock.soon(() => this.#begin(at));
    else this.#timer = this.#clock.after(delayMs, () => this.#begin(at));
  }

  #begin(plannedAt: number): void {
    if (!this.#running || this.#nextAt !== plannedAt) return;
    this.#cancelTimer();
    if (this.#turn !== undefined) {
      this.#wokenDuringTurn = true;
      return;
    }
    this.#turn = this.#takeTurn().finally(() => {
      this.#turn = undefined;
    });
  }

  async #takeTurn(): Promise<void> {
    this.#wokenDuringTurn = false;
    const delayMs = await this.#pollSafely();
    this.#clock.soon(() => this.wakeIn(this.#wokenDuringTurn ? 0 : delayMs));
  }

  async #pollSafely(): Promise<number> {
    try {
      const delayMs = await this.#duty.poll();
      this.#failures = 0;
      return delayMs;
    } catch (error) {
      const retryInMs = Math.min(FAILURE_DELAY_MS_FIRST * 2 ** this.#failures, FAILURE_DELAY_MS_MAX);
      this.#failures += 1;
      this.#wokenDuringTurn = false;
      this.#onProblem({ duty: this.#duty.name, error, failures: this.#failures, retryInMs });
      return retryInMs;
    }
  }

  #cancelTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#nextAt = Number.POSITIVE_INFINITY;
  }
}
