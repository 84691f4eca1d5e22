import { expect, test } from "vitest";
import { BatutaError, PROBLEMS } from "./problem.ts";

/** What scripts rely on. */
const EXIT_CODES = { 1: "the run failed", 2: "usage", 3: "not found", 4: "denied", 5: "conflict", 6: "unreachable" };

test("every problem has a title and an exit code of the command line's contract", () => {
  const others = { wait_timeout: 7, interrupted: 130, internal: 70 };
  for (const [code, { exitCode, title }] of Object.entries(PROBLEMS)) {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    const expected = Object.entries(others).find(([other]) => other === code)?.[1];
    if (expected === undefined) expect(Object.keys(EXIT_CODES)).toContain(String(exitCode));
    else expect(exitCode).toBe(expected);
  }
});

test("an error carries its code, its place and how to mend it", () => {
  const location = { file: "sales.ts", line: 3 };
  const error = new BatutaError("invalid_definition", "Two tasks.", {
    hint: "Rename one.",
    location,
    codeFrame: "> 3",
  });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "BatutaError", code: "invalid_definition", message: "Two tasks.", location });
  expect([error.hint, error.codeFrame]).toEqual(["Rename one.", "> 3"]);
  expect(new BatutaError("internal", "A defect.").hint).toBeUndefined();
});
