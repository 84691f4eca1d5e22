import { expect, test } from "vitest";
import { timeZone } from "../time-zone.ts";
import { filterReason, filterReasonText, type TickFilter } from "./tick-filter.ts";

const WEEKDAYS = [1, 2, 3, 4, 5];
const OFFICE: TickFilter = { windows: [{ days: WEEKDAYS, fromMinute: 480, toMinute: 1_080 }] };
const NIGHTS: TickFilter = { windows: [{ days: [5], fromMinute: 1_320, toMinute: 360 }] };

test.each([
  // Friday 1 March 2024, in Zurich at UTC+1.
  [OFFICE, "2024-03-01T06:59:59Z", "windows"],
  [OFFICE, "2024-03-01T07:00:00Z", undefined],
  [OFFICE, "2024-03-01T16:59:59Z", undefined],
  [OFFICE, "2024-03-01T17:00:00Z", "windows"],
  [OFFICE, "2024-03-02T11:00:00Z", "windows"],
  // From Friday 22:00 to Saturday 06:00: the morning belongs to the evening before.
  [NIGHTS, "2024-03-01T20:59:00Z", "windows"],
  [NIGHTS, "2024-03-01T21:00:00Z", undefined],
  [NIGHTS, "2024-03-02T04:59:00Z", undefined],
  [NIGHTS, "2024-03-02T05:00:00Z", "windows"],
  [NIGHTS, "2024-03-01T04:00:00Z", "windows"],
  [{ windows: [{ fromMinute: 0, toMinute: 1_440 }] }, "2024-03-02T22:59:59Z", undefined],
  [{ windows: [...(OFFICE.windows ?? []), ...(NIGHTS.windows ?? [])] }, "2024-03-02T03:00:00Z", undefined],
  [{ holidays: ["2024-03-01"] }, "2024-02-29T23:00:00Z", "holiday"],
  [{ holidays: ["2024-03-01"] }, "2024-02-29T22:59:00Z", undefined],
  [{ blackout: [{ from: "2024-03-01", to: "2024-03-02" }] }, "2024-03-02T22:59:00Z", "blackout"],
  [{ blackout: [{ from: "2024-03-01", to: "2024-03-02" }] }, "2024-03-02T23:00:00Z", undefined],
  // Before 1970.
  [OFFICE, "1968-03-01T07:30:00Z", undefined],
] as const)("TI-8: %j at %s is held back by %s", (filter, at, by) => {
  expect(filterReason(filter, timeZone("Europe/Zurich"), Date.parse(at))?.by).toBe(by);
});

test("a reason is told in words", () => {
  expect(filterReasonText({ by: "windows" })).toBe("outside the windows of the schedule");
  expect(filterReasonText({ by: "holiday", date: "2024-12-25" })).toBe(
    "2024-12-25 is a holiday of the business calendar",
  );
  expect(filterReasonText({ by: "blackout", range: { from: "2024-12-24", to: "2024-12-31" } })).toBe(
    "held back by the blackout from 2024-12-24 to 2024-12-31",
  );
  expect(filterReasonText({ by: "blackout", range: { from: "2024-12-24", to: "2024-12-24" } })).toBe(
    "held back by the blackout of 2024-12-24",
  );
});
