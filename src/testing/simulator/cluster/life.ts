import type { Timer } from "../../../ports/clock.ts";
import type { World } from "../world/world.ts";

/**
 * One life of a process, from its start to its death. While it is paused nothing of it runs, and what falls due waits;
 * once it is dead nothing of it ever runs again: promises it waits for stay open for ever.
 */
export class Life {
  readonly name: string;
  readonly #world: World;
  #state: "running" | "paused" | "dead" = "running";
  #held: (() => void)[] = [];
  /** It was paused at least once: others may have taken over behind its back. */
  wasPaused = false;
  /** Virtual time of its death. */
  diedAt = Number.POSITIVE_INFINITY;
  /** Told of its death. */
  onEnd: () => void = () => {};

  constructor(name: string, world: World) {
    this.name = name;
    this.#world = world;
  }

  get isAlive(): boolean {
    return this.#state !== "dead";
  }

  get isPaused(): boolean {
    return this.#state === "paused";
  }

  /** Calls back after so many virtual milliseconds, if this life still goes on then. */
  after(delayMs: number, callback: () => void): Timer {
    let isLive = true;
    const call = (): void => {
      if (isLive) callback();
    };
    const timer = this.#world.after(delayMs, () => this.#do(call));
    return {
      cancel: () => {
        isLive = false;
        timer.cancel();
      },
    };
  }

  pause(): void {
    if (this.#state !== "running") return;
    this.#state = "paused";
    this.wasPaused = true;
  }

  /** What fell due meanwhile happens now, in the order in which it did. */
  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    const held = this.#held;
    this.#held = [];
    for (const [index, callback] of held.entries()) this.#world.after(index * INSTANT_MS, () => this.#do(callback));
  }

  end(): void {
    if (this.#state === "dead") return;
    this.diedAt = this.#world.now;
    this.#state = "dead";
    this.#held = [];
    this.onEnd();
  }

  #do(callback: () => void): void {
    if (this.#state === "running") callback();
    else if (this.#state === "paused") this.#held.push(callback);
  }
}

/** Between two things that waited for the same resume: enough to keep their order. */
const INSTANT_MS = 1e-6;
