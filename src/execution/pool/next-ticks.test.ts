import { expect, test } from "vitest";
import { nextTicks } from "./next-ticks.ts";

const QUESTION = { schedule: "moons", after: 1_000, until: 3_500 };

test("a function is asked for tick after tick, up to the first one that is still to come", async () => {
  const asked: number[] = [];
  const answer = await nextTicks((after) => {
    asked.push(after.getTime());
    return new Date(after.getTime() + 1_000);
  }, QUESTION);
  expect(answer).toEqual({ ticks: [2_000, 3_000, 4_000] });
  expect(asked).toEqual([1_000, 2_000, 3_000]);
});

test("a function that has no more says so, and is asked no more", async () => {
  const answer = await nextTicks((after) => (after.getTime() < 2_000 ? new Date(2_000) : undefined), QUESTION);
  expect(answer).toEqual({ ticks: [2_000], isLast: true });
});

test("what is no date, or does not go on, is refused with the way out", async () => {
  await expect(nextTicks((after) => after, QUESTION)).rejects.toMatchObject({
    message: 'After 1970-01-01T00:00:01.000Z the function of schedule "moons" gave 1970-01-01T00:00:01.000Z.',
    hint: "Return a Date after the one that was given, or undefined when there is none.",
  });
  await expect(nextTicks(() => new Date("never"), QUESTION)).rejects.toThrow("returned no date");
  await expect(nextTicks(undefined, QUESTION)).rejects.toThrow('no function for its schedule "moons"');
});

test("a function that fires every millisecond is stopped after a thousand ticks; the rest is asked for later", async () => {
  const { ticks } = await nextTicks((after) => new Date(after.getTime() + 1), { ...QUESTION, until: 1_000_000 });
  expect(ticks).toHaveLength(1_000);
});
