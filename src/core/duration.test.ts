import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";
import { BatutaError } from "./problem.ts";

test.each([
  ["250ms", 250],
  ["30s", 30_000],
  ["15m", 900_000],
  ["15 min", 900_000],
  ["1.5h", 5_400_000],
  ["2h 30m", 9_000_000],
  ["1d", 86_400_000],
  ["1w", 604_800_000],
  ["0s", 0],
  [1_500, 1_500],
])("%s is %d milliseconds", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "30", "s", "-5s", "5 parsecs", "1h30", "1,5h", "Infinity", Number.NaN, -1, "1e3s"])(
  "%s is refused, with the ways to write it",
  (text) => {
    const error = failure(() => parseDuration(text, "timeout"));
    expect(error.code).toBe("invalid_definition");
    expect(error.message).toContain("timeout");
    expect(error.hint).toContain("2h 30m");
  },
);

test("more than 100 years is refused", () => {
  expect(failure(() => parseDuration("99999999d")).message).toContain("100 years");
});

test.each([
  [0, "0 ms"],
  [250, "250 ms"],
  [999.6, "1.0 s"],
  [1_234, "1.2 s"],
  [9_960, "10 s"],
  [42_000, "42 s"],
  [59_600, "1 min 00 s"],
  [185_000, "3 min 05 s"],
  [7_620_000, "2 h 07 min"],
  [273_600_000, "3 d 04 h"],
  [-5, "0 ms"],
])("%d milliseconds read as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

function failure(parse: () => unknown): BatutaError {
  try {
    parse();
  } catch (error) {
    if (error instanceof BatutaError) return error;
    throw error;
  }
  throw new Error("It was accepted.");
}
