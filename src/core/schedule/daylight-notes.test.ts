import { expect, test } from "vitest";
import { timeZone } from "../time-zone.ts";
import { daylightNotes } from "./daylight-notes.ts";
import { intervalsBetween } from "./intervals-between.ts";
import type { Timing } from "./schedule-spec.ts";

const cron = (expression: string): Timing => ({ kind: "cron", expression });

test.each<[Timing, string, string, readonly string[]]>([
  [
    cron("0 2 * * *"),
    "Europe/Zurich",
    "2023-03-25",
    ["02:00 is missing on 2023-03-26: the clocks go from 02:00 to 03:00, so it fires at 03:00"],
  ],
  [cron("0 2 * * *"), "Europe/Zurich", "2023-03-26", ["an interval of 23 hours: the clocks go forward on 2023-03-26"]],
  [cron("0 3 * * *"), "Europe/Zurich", "2023-03-25", ["an interval of 23 hours: the clocks go forward on 2023-03-26"]],
  [cron("0 2 * * *"), "Europe/Zurich", "2023-10-28", ["02:00 comes twice on 2023-10-29: it fires at the first"]],
  [cron("0 2 * * *"), "Europe/Zurich", "2023-10-29", ["an interval of 25 hours: the clocks go back on 2023-10-29"]],
  [
    { kind: "every_days", days: 1 },
    "Europe/Zurich",
    "2023-10-29",
    ["an interval of 25 hours: the clocks go back on 2023-10-29"],
  ],
  [{ kind: "every", ms: 86_400_000 }, "Europe/Zurich", "2023-10-28", []],
  [cron("0 2 * * *"), "Europe/Zurich", "2023-06-01", []],
  [
    cron("0 12 * * *"),
    "Australia/Lord_Howe",
    "2024-10-05",
    ["an interval of 23.5 hours: the clocks go forward on 2024-10-06"],
  ],
])("%j in %s, the interval of %s", (timing, timezone, ds, expected) => {
  const schedule = { timing, timezone };
  const on = { kind: "date", date: ds } as const;
  const [found] = intervalsBetween(schedule, { from: on, to: on }, "oldest_first");
  if (found === undefined) throw new Error("There is no such interval.");
  expect(daylightNotes(timing, timeZone(timezone), found.interval).map(({ text }) => text)).toEqual(expected);
});

test("a wildcard says which of the two it is", () => {
  const timing = cron("*/30 * * * *");
  const range = {
    from: { kind: "instant", at: Date.parse("2023-10-28T23:00Z") },
    to: { kind: "instant", at: Date.parse("2023-10-29T02:00Z") },
  } as const;
  const found = intervalsBetween({ timing, timezone: "Europe/Zurich" }, range, "oldest_first");
  const notes = [...found].map(({ interval }) => daylightNotes(timing, timeZone("Europe/Zurich"), interval));
  expect(notes.map((of) => of.map(({ text }) => text).join())).toEqual([
    "",
    "02:00 comes twice on 2023-10-29: this is the first",
    "02:30 comes twice on 2023-10-29: this is the first",
    "02:00 comes twice on 2023-10-29: this is the second",
    "02:30 comes twice on 2023-10-29: this is the second",
    "",
  ]);
});
