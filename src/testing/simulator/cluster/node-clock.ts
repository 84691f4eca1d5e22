import type { Instant } from "../../../core/instant.ts";
import type { Clock, Timer } from "../../../ports/clock.ts";
import { WORLD_BEGAN_AT, type World } from "../world/world.ts";
import type { Life } from "./life.ts";

/** How the clocks of a machine go wrong. */
export interface ClockFaults {
  /** What its wall clock is ahead of the world. */
  readonly skewMs: number;
  /** Milliseconds of its own for each of the world; a good quartz is within 1 ± 0.0001. */
  readonly rate: number;
}

/** The wall clock of a machine; it outlives the processes there. */
export class MachineClock {
  readonly #world: World;
  readonly #rate: number;
  #skewMs: number;

  constructor(world: World, { skewMs, rate }: ClockFaults) {
    this.#world = world;
    this.#rate = rate;
    this.#skewMs = skewMs;
  }

  get rate(): number {
    return this.#rate;
  }

  jump(ms: number): void {
    this.#skewMs += ms;
  }

  wall(): Instant {
    return Math.round(WORLD_BEGAN_AT + this.#world.now * this.#rate + this.#skewMs);
  }

  mono(): number {
    return this.#world.now * this.#rate;
  }
}

/** The clock port of one process on that machine. */
export class NodeClock implements Clock {
  readonly #machine: MachineClock;
  readonly #life: Life;
  #soon: (() => void)[] = [];

  constructor(machine: MachineClock, life: Life) {
    this.#machine = machine;
    this.#life = life;
  }

  wall(): Instant {
    return this.#machine.wall();
  }

  mono(): number {
    return this.#machine.mono();
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#life.after(delayMs / this.#machine.rate, callback);
  }

  /** All of one moment in one go, in order, as an event loop does it. */
  soon(callback: () => void): void {
    this.#soon.push(callback);
    if (this.#soon.length === 1) this.#life.after(TURN_MS, () => this.#runSoon());
  }

  #runSoon(): void {
    const callbacks = this.#soon;
    this.#soon = [];
    for (const each of callbacks) each();
  }
}

/** A turn of the event loop: whoever waits for the clock turn by turn must see it go on. */
const TURN_MS = 0.3;
