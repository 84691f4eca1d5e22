import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonListScanner } from "./json-list.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

test("the items of any list are found, however its bytes arrive and however it is spaced", () => {
  const spaces = fc.constantFrom(undefined, 1, "\t");
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 8 }),
      spaces,
      fc.integer({ min: 1, max: 50 }),
      (list, space, by) => {
        const bytes = encoder.encode(JSON.stringify(list, undefined, space));
        expect(itemsIn(bytes, by)).toEqual(JSON.parse(JSON.stringify(list)));
      },
    ),
  );
});

test.each(["{}", '{"a":[1]}', "1", '"[1,2]"', "null", ""])("%s is no list", (text) => {
  expect(itemsIn(encoder.encode(text), 2)).toBeUndefined();
});

test("an item that is not there has no place", () => {
  const scanner = new JsonListScanner();
  scanner.push(encoder.encode("[1]"));
  expect(scanner.end()?.sliceOf(1)).toBeUndefined();
});

function itemsIn(bytes: Uint8Array, by: number): readonly unknown[] | undefined {
  const scanner = new JsonListScanner();
  for (let at = 0; at < bytes.length; at += by) scanner.push(bytes.subarray(at, at + by));
  const slices = scanner.end();
  if (slices === undefined) return undefined;
  return Array.from({ length: slices.length }, (_, index) => {
    const { start, end } = slices.sliceOf(index) ?? { start: 0, end: 0 };
    return JSON.parse(decoder.decode(bytes.subarray(start, end))) as unknown;
  });
}
