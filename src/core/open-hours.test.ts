import { expect, test } from "vitest";
import { hoursOfScope, hoursScope, isOpen, type OpenHours, opensAt } from "./open-hours.ts";

const OFFICE: OpenHours = {
  timezone: "Europe/Berlin",
  windows: [{ days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1_080 }],
};
const NIGHT: OpenHours = { timezone: "UTC", windows: [{ days: [5], fromMinute: 1_320, toMinute: 360 }] };

test("TI-8: hours are judged by the wall clock of their zone, and say when they open", () => {
  const friday = (time: string): number => Date.parse(`2024-07-05T${time}Z`);
  expect(isOpen(OFFICE, friday("06:00"))).toBe(true);
  expect(isOpen(OFFICE, friday("05:59"))).toBe(false);
  expect(opensAt(OFFICE, friday("05:59"))).toBe(friday("06:00"));
  expect(isOpen(OFFICE, friday("16:00"))).toBe(false);
  expect(opensAt(OFFICE, friday("16:00"))).toBe(Date.parse("2024-07-08T06:00Z"));
});

test("hours over midnight belong to the day on which they begin", () => {
  expect(isOpen(NIGHT, Date.parse("2024-07-06T05:59Z"))).toBe(true);
  expect(isOpen(NIGHT, Date.parse("2024-07-07T05:59Z"))).toBe(false);
  expect(opensAt(NIGHT, Date.parse("2024-07-06T06:00Z"))).toBe(Date.parse("2024-07-12T22:00Z"));
});

test("hours that the clocks leave out open on the next day that has them", () => {
  const gap: OpenHours = { timezone: "Europe/Berlin", windows: [{ fromMinute: 120, toMinute: 180 }] };
  // On 31 March 2024 there is no 02:00 to 03:00.
  expect(opensAt(gap, Date.parse("2024-03-30T12:00Z"))).toBe(Date.parse("2024-04-01T00:00Z"));
});

test.each([OFFICE, NIGHT, { timezone: "UTC", windows: [...OFFICE.windows, { fromMinute: 0, toMinute: 1_440 }] }])(
  "the name of the scope says all of them",
  (hours) => {
    expect(hoursOfScope(hoursScope(hours))).toEqual(hours);
    expect(hoursScope(OFFICE)).toBe("hours:Europe/Berlin mon-fri 08:00-18:00");
  },
);

test("no other scope stands for hours", () => {
  expect(hoursOfScope("pool:hours")).toBeUndefined();
});
