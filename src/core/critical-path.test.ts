import fc from "fast-check";
import { expect, test } from "vitest";
import { criticalPathShares, type PathTask } from "./critical-path.ts";

function task(durationMs: number | undefined, ...followers: readonly number[]): PathTask {
  return { ...(durationMs === undefined ? {} : { durationMs }), followers };
}

test("CC-3: what begins the longest way to the end goes first, whatever it takes itself", () => {
  const [short, long, join, last] = criticalPathShares([
    task(60_000, 3),
    task(1_000, 2),
    task(120_000, 3),
    task(1_000),
  ]);
  expect(long).toBeGreaterThan(short ?? 1);
  expect(join).toBeGreaterThan(last ?? 1);
});

test("CC-3: without records the longer chain goes first", () => {
  const [chain, single] = criticalPathShares([
    task(undefined, 2),
    task(undefined),
    task(undefined, 3),
    task(undefined),
  ]);
  expect(chain).toBeGreaterThan(single ?? 1);
});

test("CC-3: shares stay below one priority, never grow towards the end, and are few", () => {
  const drawn = fc.array(fc.record({ ms: fc.option(fc.nat({ max: 10 ** 12 })), to: fc.array(fc.nat(60)) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(drawn, (sketches) => {
      const tasks = sketches.map(({ ms, to }, index) =>
        task(ms ?? undefined, ...to.filter((follower) => follower > index && follower < sketches.length)),
      );
      const shares = criticalPathShares(tasks);
      for (const [index, { followers }] of tasks.entries()) {
        expect(shares[index]).toBeGreaterThanOrEqual(0);
        expect(shares[index]).toBeLessThan(1);
        for (const follower of followers) expect(shares[index]).toBeGreaterThanOrEqual(shares[follower] ?? 0);
      }
      expect(new Set(shares).size).toBeLessThanOrEqual(64);
    }),
  );
});
