import { expect, test } from "vitest";
import { LineReader } from "./line-reader.ts";

test("lines come out whole, however the bytes are cut", () => {
  const bytes = Buffer.from("one\n\nzwölf € 🚀\nlast");
  for (let size = 1; size <= bytes.length; size++) {
    const lines: string[] = [];
    const reader = new LineReader((line) => lines.push(line));
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
    expect(lines).toEqual(["one", "", "zwölf € 🚀"]);
  }
});
