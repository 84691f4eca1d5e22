import { expect, test } from "vitest";
import { type PastFacts, pastText } from "./past-reason.ts";

const AT_ONCE = { run: "01a2", ds: "2026-01-02", state: "failed", between: 0 } as const;

test.each([
  [undefined, "is about to go on: nothing before it is open"],
  [{ ...AT_ONCE, state: "skipped" }, "is about to go on: nothing before it is open"],
  [
    AT_ONCE,
    "waits for itself in the run before: it failed in run 01a2 (2026-01-02); mend it with `batuta retry 01a2 --from-failure`, or pass over it with `batuta mark success 01a2 load`",
  ],
  [
    { ...AT_ONCE, state: "running", between: 3 },
    "waits for itself in the run before, and so in 3 more: it is running in run 01a2 (2026-01-02), see `batuta why 01a2 load`",
  ],
  [
    { ...AT_ONCE, state: "deferred", between: 499, isFurther: true },
    "waits for itself in the run before, and so in 499 more: what holds them lies before run 01a2 (2026-01-02), see `batuta why 01a2 load`",
  ],
] satisfies readonly (readonly [PastFacts | undefined, string])[])("CC-6: %j is told", (past, text) => {
  expect(pastText("load", past)).toBe(text);
});
