import { describe, expect, it } from "vitest";
import { fitWidth, oneLine, padEnd, padStart, safeLogLine, textWidth } from "./text-width.ts";

describe("textWidth", () => {
  it.each([
    ["plain", 5],
    ["\u001b[31mred\u001b[39m", 3],
    ["日本", 4],
    ["e\u0301", 1],
    ["🎉", 2],
    ["✔ ok", 4],
    ["│├─╯", 4],
  ])("counts %j as %i columns", (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});

it("cuts to the width, with an ellipsis and the colours closed", () => {
  expect(fitWidth("abcdef", 6)).toBe("abcdef");
  expect(fitWidth("abcdef", 5)).toBe("abcd…");
  expect(fitWidth("日本語", 4)).toBe("日…");
  expect(fitWidth("\u001b[31mabcdef\u001b[39m", 4)).toBe("\u001b[31mabc…\u001b[0m");
});

it("pads by columns, not by characters", () => {
  expect(padEnd("日", 4)).toBe("日  ");
  expect(padStart("\u001b[1m7\u001b[22m", 3)).toBe("  \u001b[1m7\u001b[22m");
});

it("lets a message from outside neither break the line nor talk to the terminal", () => {
  expect(oneLine("a\r\nb\t\u001b[2Jc\u001b]0;title\u0007 \u0000d")).toBe("a b c d");
});

it("keeps the colours of a log line and drops what moves the cursor", () => {
  expect(safeLogLine("\u001b[32mok\u001b[0m\t\u001b[2J\u001b[1;1Hx\ry")).toBe("\u001b[32mok\u001b[0m\txy");
});
