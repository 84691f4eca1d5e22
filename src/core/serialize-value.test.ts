import fc from "fast-check";
import { expect, test } from "vitest";
import { NESTING_MAX, parseJson, toJsonText } from "./serialize-value.ts";

test("JSON values come back as they were, and their size is counted in UTF-8", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = toJsonText(value);
      if (!text.ok) throw new Error(text.problem);
      expect(text.json).toBe(JSON.stringify(value));
      expect(text.bytes).toBe(Buffer.byteLength(text.json));
    }),
  );
  for (const value of ["é€😀", "\ud800", "\u0000\u001f", "😀\udc00😀"]) {
    expect(toJsonText(value)).toMatchObject({ ok: true, bytes: Buffer.byteLength(JSON.stringify(value)) });
  }
});

test("nothing is null, undefined fields are left out, dates are text, objects without prototype are plain", () => {
  expect(toJsonText(undefined)).toEqual({ ok: true, json: "null", bytes: 4 });
  expect(json({ a: undefined, b: [undefined], c: new Date(0) })).toBe('{"b":[null],"c":"1970-01-01T00:00:00.000Z"}');
  expect(json(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
  expect(json({ toJSON: () => ({ kept: true }) })).toBe('{"kept":true}');
  expect(json({ toJSON: () => undefined })).toBe("null");
  const shared = { a: 1 };
  expect(json([shared, shared])).toBe('[{"a":1},{"a":1}]');
});

test.each([
  ["a BigInt", { rows: [1, 2, 3, { total: 10n }] }, "$.rows[3].total", "BigInt"],
  ["NaN", [Number.NaN], "$[0]", "NaN"],
  ["Infinity", Number.POSITIVE_INFINITY, "$", "Infinity"],
  ["a function", { send() {} }, "$.send", "function"],
  ["a symbol", { id: Symbol("id") }, "$.id", "symbol"],
  ["a Map", { "by day": new Map() }, '$["by day"]', "Map"],
  ["a Set", [[new Set()]], "$[0][0]", "Set"],
  ["an invalid date", { at: new Date(Number.NaN) }, "$.at", "invalid date"],
  ["an object of a class", { order: new (class Order {})() }, "$.order", "an Order"],
  ["an error", { why: new TypeError("x") }, "$.why", "TypeError"],
  ["bytes", { body: new Uint8Array(3) }, "$.body", "Uint8Array"],
  ["a promise", { later: Promise.resolve() }, "$.later", "Promise"],
  ["a getter that throws", Object.defineProperty({}, "x", { enumerable: true, get: fail }), "$.x", "boom"],
  ["a toJSON that throws", { a: { toJSON: fail } }, "$.a", "boom"],
  ["a NaN made by toJSON", { a: { toJSON: () => ({ b: Number.NaN }) } }, "$.a.b", "NaN"],
])("%s is refused with the path to it", (_, value, path, problem) => {
  expect(toJsonText(value)).toMatchObject({ ok: false, path, problem: expect.stringContaining(problem) });
});

test("a circle is refused with both its ends", () => {
  const order = { customer: { orders: [{}, {}] } };
  Object.assign(order.customer.orders[1] ?? {}, { customer: order.customer });
  expect(toJsonText(order)).toMatchObject({
    ok: false,
    path: "$.customer.orders[1].customer",
    problem: "refers back to $.customer, in a circle",
  });
  const self: unknown[] = [];
  self.push(self, self);
  expect(toJsonText(self)).toMatchObject({ ok: false, path: "$[0]", problem: expect.stringContaining("circle") });
});

test("nesting has a limit, so that no walk ever exhausts the stack", () => {
  expect(toJsonText(nested(NESTING_MAX)).ok).toBe(true);
  expect(toJsonText(nested(NESTING_MAX + 1))).toMatchObject({ ok: false, problem: expect.stringContaining("nested") });
  expect(toJsonText(nested(100_000)).ok).toBe(false);
});

test("more than the limit is refused before it is written, however it comes together", () => {
  const large = "x".repeat(2 ** 27);
  const gibibyte = Array.from({ length: 8 }, () => large);
  expect(toJsonText(gibibyte)).toMatchObject({ ok: false, path: "$", problem: expect.stringContaining("256 MiB") });
  let doubled: unknown = "x";
  for (let turn = 0; turn < 60; turn++) doubled = [doubled, doubled];
  expect(toJsonText(doubled)).toMatchObject({ ok: false, problem: expect.stringContaining("256 MiB") });
});

test("reading drops keys called __proto__, also when they are written with escapes, and leaves prototypes alone", () => {
  expect(Object.keys(Object(parseJson('{"\\u005F_prot\\u006f__":1,"id":2}')))).toEqual(["id"]);
  const value = parseJson('{"__proto__":{"admin":true},"rows":[{"\\u005f_proto__":1,"id":2,"proto":"__proto__"}]}');
  expect(Object.hasOwn(Object(value), "__proto__")).toBe(false);
  expect(value).toEqual({ rows: [{ id: 2, proto: "__proto__" }] });
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(() => parseJson("{")).toThrow(SyntaxError);
});

function json(value: unknown): string {
  const text = toJsonText(value);
  if (!text.ok) throw new Error(`${text.path} ${text.problem}`);
  return text.json;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = { value };
  return value;
}

function fail(): never {
  throw new Error("boom");
}
