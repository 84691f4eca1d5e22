import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const NOW = Date.parse("2024-01-02T00:00:00Z");

test("Retry-After is seconds, or an HTTP date, or nothing", () => {
  expect(retryAfterMs("120", NOW)).toBe(120_000);
  expect(retryAfterMs(" 0 ", NOW)).toBe(0);
  expect(retryAfterMs("Tue, 02 Jan 2024 00:01:00 GMT", NOW)).toBe(60_000);
  expect(retryAfterMs("Mon, 01 Jan 2024 00:00:00 GMT", NOW)).toBe(0);
  for (const nonsense of [undefined, "", "soon", "-5", "1.5", "2024-01-02"])
    expect(retryAfterMs(nonsense, NOW)).toBeUndefined();
});
