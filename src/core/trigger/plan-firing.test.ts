import { expect, test } from "vitest";
import { openAfter, planFiring } from "./plan-firing.ts";

const PENDING = { count: 3, firstAt: 1_000, lastAt: 5_000, isFull: false };
const FIRE = { kind: "fire" };

test("without debounce and batch a trigger fires at once", () => {
  expect(planFiring({}, PENDING, { openAt: 0, now: 5_000 })).toEqual(FIRE);
});

test("a debounced trigger fires when it has been quiet for so long, and at the latest after its longest wait", () => {
  const debounce = { quietMs: 2_000, maxWaitMs: 10_000 };
  expect(planFiring({ debounce }, PENDING, { openAt: 0, now: 6_999 })).toEqual({ kind: "wait", until: 7_000 });
  expect(planFiring({ debounce }, PENDING, { openAt: 0, now: 7_000 })).toEqual(FIRE);
  const busy = { ...PENDING, lastAt: 10_900 };
  expect(planFiring({ debounce }, busy, { openAt: 0, now: 10_950 })).toEqual({ kind: "wait", until: 11_000 });
  expect(planFiring({ debounce }, busy, { openAt: 0, now: 11_000 })).toEqual(FIRE);
  expect(planFiring({ debounce }, { ...PENDING, isFull: true }, { openAt: 0, now: 5_000 })).toEqual(FIRE);
});

test("a batched trigger fires at most once in so long, and what was too much for one run follows at once", () => {
  const batch = { everyMs: 60_000, max: 3 };
  expect(planFiring({}, PENDING, { openAt: 61_000, now: 60_999 })).toEqual({ kind: "wait", until: 61_000 });
  expect(planFiring({}, PENDING, { openAt: 61_000, now: 61_000 })).toEqual(FIRE);
  expect(openAfter({ batch }, false, 61_000)).toBe(121_000);
  expect(openAfter({ batch }, true, 61_000)).toBe(61_000);
  expect(openAfter({}, false, 61_000)).toBe(61_000);
});
