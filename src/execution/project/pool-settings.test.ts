import { expect, test } from "vitest";
import { poolsOf } from "./pool-settings.ts";

test("pools have slots, and may have hours of one or several windows", () => {
  const night = { from: "22:00", to: "06:00", timezone: "Europe/Berlin" };
  expect(
    poolsOf({ db: 4, api: { slots: 2, countDeferred: true }, night: { slots: 1, runOnlyBetween: night } }),
  ).toEqual({
    db: 4,
    api: { slots: 2, countDeferred: true },
    night: {
      slots: 1,
      runOnlyBetween: { timezone: "Europe/Berlin", windows: [{ fromMinute: 1_320, toMinute: 360 }] },
    },
  });
  const weekend = [{ days: "sat", from: "08:00" }, { days: "sun" }];
  expect(poolsOf({ db: { slots: 1, runOnlyBetween: weekend } })?.db).toMatchObject({
    runOnlyBetween: {
      timezone: "UTC",
      windows: [
        { days: [6], fromMinute: 480 },
        { days: [0], fromMinute: 0 },
      ],
    },
  });
});

test.each([
  [{ db: -1 }],
  [{ "1db": 4 }],
  [{ db: { slots: 1, size: 2 } }],
  [{ db: { slots: 1, runOnlyBetween: "22-06" } }],
  [{ db: { slots: 1, runOnlyBetween: { from: "25:00" } } }],
  [{ db: { slots: 1, runOnlyBetween: { from: "08:00", to: "08:00" } } }],
  [{ db: { slots: 1, runOnlyBetween: { days: "someday" } } }],
  [{ db: { slots: 1, runOnlyBetween: { timezone: "Mars/Olympus" } } }],
  [{ db: { slots: 1, runOnlyBetween: [{ from: "08:00" }, { from: "08:00", timezone: "Asia/Tokyo" }] } }],
  [[]],
])("%j are no pools", (given) => {
  expect(poolsOf(given)).toBeUndefined();
});
