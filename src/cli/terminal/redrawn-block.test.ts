import { expect, it } from "vitest";
import type { Clock } from "../../ports/clock.ts";
import { RecordedOutput } from "../rows-for-tests.ts";
import { RedrawnBlock } from "./redrawn-block.ts";

it("draws at most ten times a second, and only when something has changed", () => {
  const { block, output, beats, show } = setup(["one"]);
  block.start();
  expect(output.text).toBe("\u001b[?25lone\n");
  output.text = "";
  beats(3);
  expect(output.text).toBe("");
  show(["two", "lines"]);
  beats(1);
  expect(output.text).toBe("\r\u001b[1A\u001b[Jtwo\nlines\n");
});

it("erases as many rows as a terminal made narrower has wrapped the lines to", () => {
  const { block, output, beats, show } = setup(["x".repeat(50), "y"]);
  block.start();
  output.text = "";
  output.columns = 20;
  show(["z"]);
  beats(1);
  expect(output.text).toBe("\r\u001b[4A\u001b[Jz\n");
});

it("prints what stays above the block, and draws the block again below it", () => {
  const { block, output } = setup(["block"]);
  block.start();
  output.text = "";
  block.above("stays\n");
  expect(output.text).toBe("\r\u001b[1A\u001b[Jstays\nblock\n");
});

it.each([
  ["picture", "last\n\u001b[?25h"],
  ["nothing", "\r\u001b[1A\u001b[J\u001b[?25h"],
] as const)("ends with the %s and gives the cursor back", (leave, written) => {
  const { block, output, beats, show, pending } = setup(["first"]);
  block.start();
  output.text = "";
  show(["last"]);
  block.stop(leave);
  expect(output.text.endsWith(written)).toBe(true);
  output.text = "";
  beats(2);
  expect(output.text).toBe("");
  expect(pending()).toBe(0);
});

function setup(first: readonly string[]) {
  let lines = first;
  const waiting: (() => void)[] = [];
  const clock: Clock = {
    wall: () => 0,
    mono: () => 0,
    soon: (callback) => callback(),
    after: (delayMs, callback) => {
      expect(delayMs).toBeGreaterThanOrEqual(100);
      waiting.push(callback);
      return { cancel: () => void waiting.splice(waiting.indexOf(callback), 1) };
    },
  };
  const output = new RecordedOutput();
  const beats = (count: number): void => {
    for (let beat = 0; beat < count; beat++) for (const callback of waiting.splice(0)) callback();
  };
  const block = new RedrawnBlock(output, clock, () => lines);
  return {
    block,
    output,
    beats,
    show: (next: readonly string[]) => {
      lines = next;
    },
    pending: () => waiting.length,
  };
}
