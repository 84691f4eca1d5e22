import { expect, it } from "vitest";
import { BatutaError } from "../../core/problem.ts";
import { RecordedOutput } from "../rows-for-tests.ts";
import { failuresText, type ShownFailure } from "./failures-text.ts";

const VERDICT = new BatutaError("run_failed", "The run failed.", { hint: "Go on:  batuta retry 0199" });

it("tells of each failure what, where, how to mend it and how its log ended, and at last what to do", () => {
  const failure: ShownFailure = {
    task: "load",
    attempts: 3,
    failure: {
      reason: "exit_code",
      errorName: "LoadError",
      message: "no table\n  orders",
      location: { file: "pipelines/x.ts", line: 7, column: 3 },
      hint: "Create it.",
    },
    log: [{ at: 1, tag: "out", text: "\u001b[2Jconnecting\r", continued: false }],
  };
  expect(
    failuresText(
      VERDICT,
      { told: [failure, { task: "check", attempts: 1, log: [] }], more: 1_200 },
      new RecordedOutput(),
    ).split("\n"),
  ).toEqual([
    "",
    "✖ load failed after 3 attempts (exit code)",
    "  LoadError: no table",
    "    orders",
    "  at pipelines/x.ts:7:3",
    "  hint: Create it.",
    "  the end of its log:",
    "  │ connecting",
    "",
    "✖ check failed (unknown)",
    "",
    "… and 1,200 more that failed (--json tells of all)",
    "",
    "The run failed.",
    "Go on:  batuta retry 0199",
  ]);
});

it("shortens a message without an end", () => {
  const message = Array.from({ length: 500 }, (_, index) => `line ${index}`).join("\n");
  const lines = failuresText(
    VERDICT,
    { told: [{ task: "x", attempts: 1, failure: { reason: "error", message }, log: [] }], more: 0 },
    new RecordedOutput(),
  ).split("\n");
  expect(lines).toContain("  line 11");
  expect(lines).not.toContain("  line 12");
  expect(lines).toContain("  …");
});
