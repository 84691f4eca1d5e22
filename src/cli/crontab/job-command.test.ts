import { describe, expect, it } from "vitest";
import { jobScript, splitCommand, staysBehind } from "./job-command.ts";

describe("splitCommand", () => {
  it.each([
    ["date +\\%F", "date +%F"],
    ["grep '\\n' file", "grep '\\n' file"],
    ["ends in \\", "ends in \\"],
  ])("takes %j as the command %j, without input", (command, text) => {
    expect(splitCommand(command)).toEqual({ text });
  });

  it.each([
    ["mail -s hi me%Dear me,%%Bye", "mail -s hi me", ["Dear me,", "", "Bye"]],
    ["cat%100\\% sure", "cat", ["100% sure"]],
    ["cat \\\\%input", "cat \\\\", ["input"]],
    ["cat%one%", "cat", ["one"]],
    ["cat%a\\b", "cat", ["a\\b"]],
  ])("ends the command of %j at its first percent sign that no backslash escapes", (command, text, input) => {
    expect(splitCommand(command)).toEqual({ text, input });
  });

  it("gives no input when the percent sign is the last character, as cron does", () => {
    expect(splitCommand("cat %")).toEqual({ text: "cat" });
  });
});

describe("jobScript", () => {
  it.each([
    ["backup --full", "backup --full"],
    ["test -x a && a || true", "test -x a && a || true"],
    ["a >log 2>&1", "a >log 2>&1"],
    ["a; b", "set +e\na; b"],
    ["a & b", "set +e\na & b"],
    ["a | b", "a | b"],
  ])("lets sh run %j as cron would", (text, script) => {
    expect(jobScript({ text }, "/bin/sh")).toEqual({ interpreter: "sh", text: `cd ~\n${script}` });
  });

  it("does not ask more of a pipe in bash than cron does", () => {
    expect(jobScript({ text: "a | b" }, "/bin/bash")).toEqual({
      interpreter: "bash",
      text: "cd ~\nset +o pipefail\na | b",
    });
    expect(jobScript({ text: "a; b | c" }, "bash").text).toBe("cd ~\nset +e +o pipefail\na; b | c");
  });

  it("starts any other shell from within sh", () => {
    expect(jobScript({ text: "print -l 'it'" }, "/bin/zsh")).toEqual({
      interpreter: "sh",
      text: "cd ~\n/bin/zsh -c 'print -l '\\''it'\\'''",
    });
  });

  it("gives the input line by line, also to a command that ends in a comment", () => {
    expect(jobScript({ text: "cat # all", input: ["it's", ""] }, "/bin/sh").text).toBe(
      "cd ~\nprintf '%s\\n' 'it'\\''s' '' | {\ncat # all\n}",
    );
  });

  it("keeps a backslash at the end from joining the next line", () => {
    expect(jobScript({ text: "echo \\", input: ["x"] }, "/bin/sh").text).toBe(
      "cd ~\nprintf '%s\\n' x | {\n/bin/sh -c 'echo \\'\n}",
    );
  });
});

it.each([
  ["server &", true],
  ["server >log 2>&1 &", true],
  ["a && b", false],
  ["a &&", false],
  ["a 2>&1", false],
])("knows whether %j stays behind: %j", (text, behind) => {
  expect(staysBehind({ text })).toBe(behind);
});
