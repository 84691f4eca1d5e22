import { expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

test("timers fire in order of time, and in order of setting when their times are equal", () => {
  const clock = new VirtualClock(1_000);
  const fired: string[] = [];
  clock.after(20, () => fired.push("c"));
  clock.after(10, () => fired.push("a"));
  clock.after(10, () => fired.push("b"));
  clock.advanceBy(20);
  expect(fired).toEqual(["a", "b", "c"]);
});

test("both clocks stand at the timer's time when it fires", () => {
  const clock = new VirtualClock(1_000);
  const seen: number[][] = [];
  clock.after(3_600_000, () => seen.push([clock.mono(), clock.wall()]));
  expect(clock.advanceToNext()).toBe(true);
  expect(seen).toEqual([[3_600_000, 3_601_000]]);
  expect(clock.advanceToNext()).toBe(false);
});

test("a cancelled timer does not fire and does not move the clock", () => {
  const clock = new VirtualClock(0);
  clock.after(10, () => expect.unreachable()).cancel();
  expect(clock.advanceToNext()).toBe(false);
  expect(clock.mono()).toBe(0);
});

test("a timer set by a timer fires in the same advance when it falls into it", () => {
  const clock = new VirtualClock(0);
  const fired: number[] = [];
  clock.after(10, () => clock.after(5, () => fired.push(clock.mono())));
  clock.advanceBy(15);
  expect(fired).toEqual([15]);
});
