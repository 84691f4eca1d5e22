import { expect, test } from "vitest";
import type { TicksReport } from "./dev-report.ts";
import { TicksLeftOut } from "./ticks-left-out.ts";

const HOUR = 3_600_000;
const OFFICE = { kind: "ticks_left_out", project: "shop", pipeline: "office", schedule: "main" } as const;

test("TI-8: nights and days that a schedule leaves out are told once for each reason, with their sum and span", () => {
  const told: TicksReport[] = [];
  const left = new TicksLeftOut((report) => told.push(report));
  for (let day = 0; day < 300; day += 1) {
    const from = day * 24 * HOUR;
    left.add(day, { ...OFFICE, reason: "calendar", from, to: from + 13 * HOUR, ticks: 14 });
    left.add(day, { ...OFFICE, reason: "missed", from: from + 14 * HOUR, to: from + 23 * HOUR, ticks: 10 });
  }
  left.add(300, { ...OFFICE, pipeline: "other", reason: "missed", from: 0, to: 0, ticks: 1 });
  left.tell();
  const last = 299 * 24 * HOUR;
  expect(told).toMatchObject([
    { at: 299, pipeline: "office", reason: "calendar", from: 0, to: last + 13 * HOUR, ticks: 4_200 },
    { at: 299, pipeline: "office", reason: "missed", from: 14 * HOUR, to: last + 23 * HOUR, ticks: 3_000 },
    { at: 300, pipeline: "other", reason: "missed", from: 0, to: 0, ticks: 1 },
  ]);
  left.tell();
  expect(told).toHaveLength(3);
});
