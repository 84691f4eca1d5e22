import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

test("lines end with \\n, \\r\\n or a lone \\r, however the bytes are cut", () => {
  expect(linesOf(["a\nb\r\nc\rd"])).toEqual(["a", "b", "c", "d"]);
  expect(linesOf(["a\r", "\nb\r", "c"])).toEqual(["a", "b", "c"]);
  expect(linesOf(["\n\n", "x\n"])).toEqual(["", "", "x"]);
});

test("any cut of any text gives the same lines and loses no byte", () => {
  const text = fc.array(fc.constantFrom("a", "ä", "€", "😀", "\n", "\r", "\r\n")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
      const bytes = Buffer.from(whole);
      const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length])].sort(
        (a, b) => a - b,
      );
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(linesOf(chunks)).toEqual(linesOf([bytes]));
    }),
  );
});

test("a line longer than 64 KiB comes in pieces that cut no character in two", () => {
  const pieces: Piece[] = [];
  const splitter = new LineSplitter((bytes, ended) => pieces.push({ text: Buffer.from(bytes).toString(), ended }));
  const long = `x${"€".repeat(50_000)}`;
  splitter.push(Buffer.from(long));
  splitter.push(Buffer.from("end\nnext\n"));
  expect(pieces.map(({ ended }) => ended)).toEqual([false, false, true, true]);
  expect(
    pieces
      .slice(0, 3)
      .map(({ text }) => text)
      .join(""),
  ).toBe(`${long}end`);
  expect(pieces.every(({ text }) => !text.includes("\ufffd"))).toBe(true);
});

test("a flush gives out an unfinished line but holds back an unfinished character", () => {
  const pieces: Piece[] = [];
  const splitter = new LineSplitter((bytes, ended) => pieces.push({ text: Buffer.from(bytes).toString(), ended }));
  const euro = Buffer.from("€");
  splitter.push(Buffer.concat([Buffer.from("cost 5 "), euro.subarray(0, 1)]));
  splitter.flush();
  splitter.push(Buffer.concat([euro.subarray(1), Buffer.from("\n")]));
  expect(pieces).toEqual([
    { text: "cost 5 ", ended: false },
    { text: "€", ended: true },
  ]);
});

test("a flush after a \\r takes it for the end, and a \\n that follows later for the same end", () => {
  const pieces: Piece[] = [];
  const splitter = new LineSplitter((bytes, ended) => pieces.push({ text: Buffer.from(bytes).toString(), ended }));
  splitter.push(Buffer.from("50%\r"));
  splitter.flush();
  splitter.push(Buffer.from("\nnext\n"));
  expect(pieces).toEqual([
    { text: "50%", ended: true },
    { text: "next", ended: true },
  ]);
});

interface Piece {
  readonly text: string;
  readonly ended: boolean;
}

function linesOf(chunks: readonly (string | Uint8Array)[]): readonly string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((bytes) => lines.push(Buffer.from(bytes).toString("latin1")));
  for (const chunk of chunks) splitter.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  splitter.end();
  return lines;
}
