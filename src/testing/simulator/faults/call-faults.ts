import type { Dice } from "../world/dice.ts";
import { CALL_FAULTS, type CallFault } from "./fault-classes.ts";

/** Probability for each call; a class that is not named is off. */
export type CallFaultRates = Readonly<Partial<Record<CallFault, number>>>;

/** Where a fault may strike: the name of the caller. */
export interface CallFate {
  readonly fault: CallFault | undefined;
  /** Virtual time that the call takes to get there, and its answer to come back. */
  readonly goingMs: number;
  readonly comingMs: number;
}

/** Latency of a call that nothing befalls. */
const LATENCY_MS_MAX = 4;
const SLOW_MS_LEAST = 500;
const SLOW_MS_MOST = 45_000;

/**
 * Says of every call what befalls it. A fault that strikes has a name, made of who called and how often that class was
 * asked about: a replay may drop it by that name, and nothing else shifts.
 */
export class CallFaults {
  readonly #rates: CallFaultRates;
  readonly #dice: Dice;
  readonly #dropped: ReadonlySet<string>;
  readonly #streams = new Map<string, { readonly dice: Dice; asked: number }>();
  /** Names of all that have struck. */
  readonly struck: string[] = [];
  /** Told of each. */
  onStrike: (fault: CallFault) => void = () => {};
  #areOver = false;

  constructor(rates: CallFaultRates, dice: Dice, dropped: ReadonlySet<string>) {
    this.#rates = rates;
    this.#dice = dice;
    this.#dropped = dropped;
  }

  /** From now on nothing goes wrong. */
  end(): void {
    this.#areOver = true;
  }

  fateOf(caller: string): CallFate {
    const latency = this.#stream(`${caller}/latency`).dice;
    const fault = this.#areOver ? undefined : CALL_FAULTS.find((each) => this.#strikes(caller, each));
    const [goingMs, comingMs] = [latency.fraction() * LATENCY_MS_MAX, latency.fraction() * LATENCY_MS_MAX];
    if (fault !== "slow") return { fault, goingMs, comingMs };
    const slow = this.#stream(`${caller}/slowness`).dice;
    const isSlowGoing = slow.chance(0.5);
    const delayMs = slow.span(SLOW_MS_LEAST, SLOW_MS_MOST);
    return isSlowGoing
      ? { fault, goingMs: goingMs + delayMs, comingMs }
      : { fault, goingMs, comingMs: comingMs + delayMs };
  }

  #strikes(caller: string, fault: CallFault): boolean {
    const rate = this.#rates[fault];
    if (rate === undefined) return false;
    const stream = this.#stream(`${caller}/${fault}`);
    stream.asked += 1;
    if (!stream.dice.chance(rate)) return false;
    const name = `${caller}/${fault}/${stream.asked}`;
    if (this.#dropped.has(name)) return false;
    this.struck.push(name);
    this.onStrike(fault);
    return true;
  }

  #stream(name: string): { readonly dice: Dice; asked: number } {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const stream = { dice: this.#dice.split(name), asked: 0 };
    this.#streams.set(name, stream);
    return stream;
  }
}
