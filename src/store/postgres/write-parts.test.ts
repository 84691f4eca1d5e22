import { expect, test } from "vitest";
import { combine } from "./write-parts.ts";

test("combinations of many writes have names of their own that the server does not cut off", () => {
  const parts = Array.from({ length: 12 }, (_, index) => ({ name: `part${index}`, sql: "select 1", values: [] }));
  const [all] = combine(parts);
  const [fewer] = combine(parts.slice(0, 11));
  expect(all.name?.length).toBeLessThanOrEqual(63);
  expect(fewer.name?.length).toBeLessThanOrEqual(63);
  expect(all.name).not.toBe(fewer.name);
});
