import type { Clock, Timer } from "../../ports/clock.ts";
import type { Output } from "./output.ts";
import { textWidth } from "./text-width.ts";

/** At most ten pictures a second, however often something changes. */
const FRAME_MS = 100;

/**
 * A block of lines at the end of a terminal that is drawn again in place. Draws on a beat of its own, so that times go
 * on while nothing happens. `above` prints lines that stay, over the block.
 */
export class RedrawnBlock {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #render: () => readonly string[];
  #shown: readonly string[] = [];
  #timer: Timer | undefined;

  constructor(output: Output, clock: Clock, render: () => readonly string[]) {
    this.#output = output;
    this.#clock = clock;
    this.#render = render;
  }

  start(): void {
    this.#output.write(HIDE_CURSOR);
    this.#beat();
  }

  /** Prints lines above the block, where they scroll away like any other output. */
  above(text: string): void {
    this.#output.write(this.#erasure() + text);
    this.#shown = [];
    this.#draw();
  }

  /** Ends the drawing: the last picture stays, or the block is taken away. */
  stop(leave: "picture" | "nothing"): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (leave === "picture") this.#draw();
    else this.#output.write(this.#erasure());
    this.#shown = [];
    this.#output.write(SHOW_CURSOR);
  }

  #beat(): void {
    this.#draw();
    this.#timer = this.#clock.after(FRAME_MS, () => this.#beat());
  }

  #draw(): void {
    const lines = this.#render();
    if (lines.length === this.#shown.length && lines.every((line, index) => line === this.#shown[index])) return;
    this.#output.write(`${this.#erasure()}${lines.map((line) => `${line}\n`).join("")}`);
    this.#shown = lines;
  }

  /** Lines that a terminal made narrower has wrapped since take several rows. */
  #erasure(): string {
    const rows = this.#shown.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / this.#output.columns)),
      0,
    );
    return rows === 0 ? "" : `\r${ESCAPE}[${rows}A${ESCAPE}[J`;
  }
}

const ESCAPE = "\u001b";
const HIDE_CURSOR = `${ESCAPE}[?25l`;
/** Written at the end whatever happens: a terminal without a cursor annoys for the rest of the day. */
const SHOW_CURSOR = `${ESCAPE}[?25h`;
