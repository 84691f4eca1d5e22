import { expect, test } from "vitest";
import { referenceTicks } from "./reference-ticks.ts";

test.each([
  ["DST-1", "0 3 * * *", "2023-03-23T12:00Z", ["24T02:00", "25T02:00", "26T01:00", "27T01:00"]],
  ["DST-2", "0 2 * * *", "2023-03-23T12:00Z", ["24T01:00", "25T01:00", "26T01:00", "27T00:00"]],
  ["DST-3", "0 2 * * *", "2023-10-26T12:00Z", ["27T00:00", "28T00:00", "29T00:00", "30T01:00"]],
  ["DST-4", "*/30 * * * *", "2023-10-28T23:59Z", ["29T00:00", "29T00:30", "29T01:00", "29T01:30", "29T02:00"]],
])("%s: the reference that worlds are judged by says the same", (_, expression, from, expected) => {
  const begin = Date.parse(from);
  const spec = { timing: { kind: "cron", expression }, timezone: "Europe/Zurich" } as const;
  const ticks = referenceTicks(spec, begin, begin + 5 * 86_400_000).slice(0, expected.length);
  expect(ticks.map((tick) => new Date(tick).toISOString().slice(8, 16))).toEqual(expected);
});
