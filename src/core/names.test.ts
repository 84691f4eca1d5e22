import { expect, test } from "vitest";
import { checkName, type NamedThing } from "./names.ts";

test.each<[NamedThing, string]>([
  ["task", "extract_orders"],
  ["task", "_v2.load-all"],
  ["task", "a".repeat(200)],
  ["pipeline", "daily_sales"],
  ["pipeline", "finance/eu/daily"],
])("a %s may be called %s", (what, name) => {
  expect(() => checkName(what, name)).not.toThrow();
});

test.each<[NamedThing, string, string]>([
  ["task", "", "is empty"],
  ["task", "2fast", 'begins with "2"'],
  ["task", "load orders", "has at position 5 a space"],
  ["task", "load/orders", 'has at position 5 "/"'],
  ["task", "prix_en_€", 'has at position 9 "€"'],
  ["task", "größe", 'has at position 3 "ö"'],
  ["task", "a\u0000b", "the character U+0000"],
  ["task", "😀", 'begins with "😀"'],
  ["task", "a".repeat(201), "has 201 characters; 200 are allowed"],
  ["pipeline", "finance//daily", "empty folder"],
  ["pipeline", "/daily", "empty folder"],
  ["pipeline", "finance/../daily", 'has at position 9 "."'],
])("a %s may not be called %j, and the error says that it %s", (what, name, fault) => {
  expect(() => checkName(what, name, { file: "sales.ts", line: 7 })).toThrow(
    expect.objectContaining({
      code: "invalid_definition",
      message: expect.stringContaining(fault),
      location: { file: "sales.ts", line: 7 },
    }),
  );
});
