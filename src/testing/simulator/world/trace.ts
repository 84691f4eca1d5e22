import { hashOf } from "./dice.ts";

const LINES_KEPT = 400;

/** What has happened, as a hash over all of it (I44) and as lines of the recent past for people. */
export class Trace {
  #hash = 0;
  #count = 0;
  readonly #lines: string[] = [];
  readonly #isFull: boolean;

  /** @param isFull keep every line, for a replay that somebody reads */
  constructor(isFull: boolean) {
    this.#isFull = isFull;
  }

  note(at: number, line: string): void {
    this.#hash = hashOf(line, this.#hash ^ Math.round(at));
    this.#count += 1;
    this.#lines.push(`${(at / 1_000).toFixed(3).padStart(10)}  ${line}`);
    if (!this.#isFull && this.#lines.length > 2 * LINES_KEPT) this.#lines.splice(0, LINES_KEPT);
  }

  get hash(): string {
    return `${this.#hash.toString(16).padStart(8, "0")}-${this.#count}`;
  }

  get lines(): readonly string[] {
    return this.#isFull ? this.#lines : this.#lines.slice(-LINES_KEPT);
  }
}
