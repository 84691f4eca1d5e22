import { expect, test } from "vitest";
import { type IntervalRun, intervalCover } from "./interval-cover.ts";
import { momentOf } from "./moment.ts";

const HOUR = 3_600_000;
const DAY = { start: 0, end: 24 * HOUR };

test("WT-1: a moment is the first such time of day at or after the end of the interval, in the pipeline's zone", () => {
  const at = (time: string, end: string, timezone: string): string =>
    new Date(momentOf({ at: time }, { interval: { start: 0, end: Date.parse(end) }, timezone })).toISOString();
  expect(at("06:30", "2026-01-02T00:00:00Z", "UTC")).toBe("2026-01-02T06:30:00.000Z");
  expect(at("06:30", "2026-01-02T06:30:00Z", "UTC")).toBe("2026-01-02T06:30:00.000Z");
  expect(at("06:30:15", "2026-01-02T07:00:00Z", "UTC")).toBe("2026-01-03T06:30:15.000Z");
  expect(at("00:15", "2026-07-01T22:00:00Z", "Europe/Zurich")).toBe("2026-07-01T22:15:00.000Z");
  // Clocks leave 02:30 out on this day, and show it twice on that.
  expect(at("02:30", "2023-03-25T23:00:00Z", "Europe/Zurich")).toBe("2023-03-26T01:00:00.000Z");
  expect(at("02:30", "2023-10-28T22:00:00Z", "Europe/Zurich")).toBe("2023-10-29T00:30:00.000Z");
});

test("WT-1: a moment may be an instant, or a length of time after the interval; anything else is refused", () => {
  const facts = { interval: DAY, timezone: "UTC" };
  expect(momentOf({ at: "1970-01-05T06:30:00+01:00" }, facts)).toBe(Date.parse("1970-01-05T05:30:00Z"));
  expect(momentOf({ afterMs: 5 }, facts)).toBe(24 * HOUR + 5);
  for (const config of [{ at: "25:00" }, { at: "tomorrow" }, { at: "2026-13-01T00:00:00Z" }, {}, null, "06:30"]) {
    expect(() => momentOf(config, facts)).toThrow("no moment to wait for");
  }
});

test("WT-1: another pipeline is done when its successes cover the interval: as long, longer around it, or shorter", () => {
  expect(intervalCover(DAY, [run(0, 24)])).toEqual({ kind: "done", runs: ["0-24"] });
  expect(intervalCover({ start: HOUR, end: 2 * HOUR }, [run(0, 24)])).toMatchObject({ kind: "done" });
  const hours = Array.from({ length: 24 }, (_, hour) => run(hour, hour + 1));
  expect(intervalCover(DAY, hours)).toMatchObject({ kind: "done" });
  expect(intervalCover(DAY, hours.slice(0, 23))).toEqual({
    ...{ kind: "not_yet", seen: "no run yet from 1970-01-01T23:00:00.000Z on" },
  });
  expect(intervalCover(DAY, hours.slice(1))).toMatchObject({ seen: "no run yet from 1970-01-01T00:00:00.000Z on" });
  expect(intervalCover(DAY, [])).toEqual({
    ...{ kind: "not_yet", seen: "no run yet for 1970-01-01T00:00:00Z/1970-01-02T00:00:00Z" },
  });
  const moment = { start: HOUR, end: HOUR };
  expect(intervalCover(moment, [run(0, 0)])).toMatchObject({ seen: "no run yet for 1970-01-01T01:00:00Z" });
});

test("WT-1: of an interval its newest run counts, and one that is open or failed is waited for", () => {
  expect(intervalCover(DAY, [run(0, 24, "running"), run(0, 24)])).toMatchObject({ seen: "run 0-24 is running" });
  expect(intervalCover(DAY, [run(0, 24, "failed")])).toMatchObject({ seen: "run 0-24 has ended as failed" });
  expect(intervalCover(DAY, [run(0, 24), run(0, 24, "failed")])).toMatchObject({ kind: "done" });
});

test("WT-1: without intervals, of pipelines that nobody schedules, the newest run counts", () => {
  const moment = { start: 7 * HOUR, end: 7 * HOUR };
  expect(intervalCover(moment, [run(7, 7)])).toMatchObject({ kind: "done" });
  expect(intervalCover(moment, [run(0, 24)])).toMatchObject({ kind: "done" });
  expect(intervalCover(DAY, [run(9, 9, "failed"), run(3, 3)])).toMatchObject({ kind: "not_yet" });
  expect(intervalCover(DAY, [run(9, 9), run(3, 3, "failed")])).toMatchObject({ kind: "done", runs: ["9-9"] });
});

function run(from: number, to: number, state: IntervalRun["state"] = "success"): IntervalRun {
  return { id: `${from}-${to}`, start: from * HOUR, end: to * HOUR, state };
}
