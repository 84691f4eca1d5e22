import { expect, it } from "vitest";
import type { Clock } from "../ports/clock.ts";
import { listenForInterrupts } from "./interrupts.ts";

it("takes presses that come together for one, and later ones for a second", () => {
  const { said, press, wait, listening } = setup();
  press("SIGINT");
  press("SIGINT");
  wait(100);
  press("SIGTERM");
  expect(said).toEqual(["first"]);
  wait(500);
  press("SIGINT");
  press("SIGINT");
  expect(said).toEqual(["first", "again"]);
  listening.stop();
});

it("gives the signals back their meaning when none was heard, and keeps them when one was", () => {
  const before = process.listenerCount("SIGINT");
  const quiet = setup();
  expect(process.listenerCount("SIGINT")).toBe(before + 1);
  quiet.listening.stop();
  expect(process.listenerCount("SIGINT")).toBe(before);
  const asked = setup();
  asked.press("SIGINT");
  asked.listening.stop();
  expect(process.listenerCount("SIGINT")).toBe(before + 1);
  process.removeAllListeners("SIGINT");
  process.removeAllListeners("SIGTERM");
});

function setup() {
  let now = 0;
  const clock: Clock = { wall: () => now, mono: () => now, soon: () => {}, after: () => ({ cancel: () => {} }) };
  const said: string[] = [];
  const listening = listenForInterrupts(clock, { first: () => said.push("first"), again: () => said.push("again") });
  return {
    said,
    listening,
    press: (signal: "SIGINT" | "SIGTERM") => void process.emit(signal, signal),
    wait: (ms: number) => {
      now += ms;
    },
  };
}
