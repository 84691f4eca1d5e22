import { expect, test } from "vitest";
import { ClockWatch } from "./clock-watch.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;

function setup() {
  const times = { now: Date.parse("2026-03-02T12:00Z"), mono: 5_000 };
  const watch = new ClockWatch({ now: async () => times.now }, { mono: () => times.mono });
  const told: string[] = [];
  watch.onReport = ({ message }) => told.push(message);
  const pass = (ms: number): void => {
    times.now += ms;
    times.mono += ms;
  };
  return { times, watch, told, pass };
}

test("TI-3: a clock that is set back by a day is told once, with where schedules go on", async () => {
  const { times, watch, told, pass } = setup();
  await watch.poll();
  pass(HOUR);
  times.now -= DAY;
  await watch.poll();
  pass(HOUR);
  await watch.poll();
  expect(told).toEqual([
    "The clock was set back by 1 d 00 h. Nothing comes again: schedules go on where they were, about 2026-03-02T13:00:00Z.",
  ]);
});

test("a clock that is set forward, or corrected by seconds, is no news", async () => {
  const { times, watch, told, pass } = setup();
  await watch.poll();
  for (const ms of [DAY, -2_000, 500]) {
    pass(HOUR);
    times.now += ms;
    await watch.poll();
  }
  expect(told).toEqual([]);
});
