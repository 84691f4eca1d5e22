import { expect, test } from "vitest";
import type { Timing } from "./schedule-spec.ts";
import { timingText } from "./timing-text.ts";

test.each<[Timing, string]>([
  [{ kind: "cron", expression: "0 6 * * *" }, "0 6 * * *"],
  [{ kind: "every", ms: 600_000 }, "every 10m"],
  [{ kind: "every", ms: 86_400_000 }, "every 24h"],
  [{ kind: "every", ms: 5_400_000 }, "every 90m"],
  [{ kind: "every", ms: 10_000 }, "every 10s"],
  [{ kind: "every_days", days: 1 }, "every 1 day"],
  [{ kind: "every_days", days: 14 }, "every 14 days"],
  [{ kind: "once" }, "@once"],
])("%j is shown as %s", (timing, shown) => {
  expect(timingText(timing)).toBe(shown);
});
