import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

test("keys are sorted at every depth, arrays keep their order, undefined fields are left out", () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }, "x"], a: null, gone: undefined })).toBe(
    '{"a":null,"b":[{"c":2,"d":1},"x"]}',
  );
});

test("equal values give equal text, whatever the order in which their fields were set", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
      const reversed = Object.fromEntries(Object.entries(record).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(record));
      expect(JSON.parse(canonicalJson(record))).toEqual(JSON.parse(JSON.stringify(record)));
    }),
  );
});
