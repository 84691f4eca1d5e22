import { describe, expect, it } from "vitest";
import { BatutaError, PROBLEMS } from "../core/problem.ts";
import { exitCodeOf, problemOf, problemText, writeProblem } from "./envelope.ts";
import { RecordedOutput } from "./rows-for-tests.ts";

describe("problemOf", () => {
  it.each([
    ["EACCES", "read_only", 4],
    ["EROFS", "read_only", 4],
    ["ENOSPC", "disk_full", 6],
    ["EDQUOT", "disk_full", 6],
    ["EMFILE", "store_unreachable", 6],
  ])("turns %s of the system into %s, exit code %i", (code, problem, exitCode) => {
    const thrown = Object.assign(new Error(`${code}: it says`), { code, path: "/data/x" });
    const found = problemOf(thrown, {});
    expect(found).toMatchObject({ code: problem, hint: expect.stringMatching(/\w/) });
    expect(exitCodeOf(found)).toBe(exitCode);
    expect(problemOf(new Error("wrapped", { cause: thrown }), {})).toMatchObject({ code: problem });
  });

  it("shows a defect in one line, and its stack only to who asks for it", () => {
    const defect = new TypeError("x is not\na function");
    const shown = problemText(problemOf(defect, {}), new RecordedOutput());
    expect(shown).toContain("error: Something in Batuta broke: TypeError: x is not");
    expect(shown).toContain("BATUTA_DEBUG=1");
    expect(shown).not.toMatch(/\n\s+at /);
    expect(problemText(problemOf(defect, { BATUTA_DEBUG: "1" }), new RecordedOutput())).toMatch(/\n\s+at /);
    expect(exitCodeOf(problemOf(defect, {}))).toBe(70);
  });

  it("leaves a problem that has a code as it is, and takes anything that is thrown", () => {
    const problem = new BatutaError("not_found", "There is nothing.");
    expect(problemOf(problem, {})).toBe(problem);
    expect(problemOf("a string", {})).toMatchObject({
      code: "internal",
      message: "Something in Batuta broke: a string",
    });
  });
});

it("shows where a problem is, the source around it, and the remedy", () => {
  const problem = new BatutaError("load_failed", "It does not load.", {
    location: { file: "pipelines/x.ts", line: 3, column: 7 },
    codeFrame: "> 3 | const = 1;\n    |       ^",
    hint: "Name the constant.",
  });
  expect(problemText(problem, new RecordedOutput()).split("\n")).toEqual([
    "error: It does not load.",
    "  at pipelines/x.ts:3:7",
    "",
    "  > 3 | const = 1;",
    "      |       ^",
    "",
    "  hint: Name the constant.",
  ]);
});

it("writes an error as JSON to stdout, and then nothing to stderr", () => {
  const [out, err] = [new RecordedOutput({ isTty: false }), new RecordedOutput({ isTty: false })];
  writeProblem({ out, err, json: true }, new BatutaError("conflict", "It runs.", { hint: "Wait." }));
  expect(JSON.parse(out.text)).toEqual({ ok: false, error: { code: "conflict", message: "It runs.", hint: "Wait." } });
  expect(err.text).toBe("");
});

it("knows no exit code beyond those that were agreed", () => {
  const agreed = [1, 2, 3, 4, 5, 6, 7, 70, 130];
  for (const { exitCode } of Object.values(PROBLEMS)) expect(agreed).toContain(exitCode);
});
