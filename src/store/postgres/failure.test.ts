import { expect, test } from "vitest";
import { BatutaError } from "../../core/problem.ts";
import { explainPostgresFailure, isConnectionLoss, isTransient, withoutPassword } from "./failure.ts";

test.each([
  ["postgres://anna:secret@host:5432/shop", "postgres://anna:***@host:5432/shop"],
  ["postgres://anna@host/shop", "postgres://anna@host/shop"],
  ["postgres://host/shop?password=secret&sslmode=require", "postgres://host/shop?password=***&sslmode=require"],
  ["postgres://anna:sec ret@@host", "postgres://anna:***@host"],
  ["no url with secret", "(the URL cannot be read)"],
])("%s is shown without its password", (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});

test.each([
  ["40001", true, false],
  ["40P01", true, false],
  ["57P01", true, true],
  ["08006", true, true],
  ["ECONNRESET", true, true],
  ["23505", false, false],
  ["42P01", false, false],
])("code %s: transient %s, connection lost %s", (code, transient, lost) => {
  const error = Object.assign(new Error("said"), { code });
  expect([isTransient(error), isConnectionLoss(error)]).toEqual([transient, lost]);
});

test("what pg says without a code when a connection ends is a lost connection", () => {
  expect(isConnectionLoss(new Error("Connection terminated unexpectedly"))).toBe(true);
  expect(isConnectionLoss(new Error("Something else"))).toBe(false);
  expect(isConnectionLoss("Connection terminated")).toBe(false);
});

test.each([
  ["53100", "disk_full"],
  ["25006", "read_only"],
  ["42501", "read_only"],
  ["28P01", "store_unreachable"],
  ["55P03", "conflict"],
  ["ENOTFOUND", "store_unreachable"],
])("code %s is told as %s, with a hint", (code, expected) => {
  const told = explainPostgresFailure(Object.assign(new Error("said"), { code }), "postgres://anna:secret@host/shop");
  expect(told).toBeInstanceOf(BatutaError);
  expect(told).toMatchObject({ code: expected, hint: expect.any(String) });
  expect(String(told)).not.toContain("secret");
});

test("a defect is told as it is", () => {
  const defect = Object.assign(new Error("column does not exist"), { code: "42703" });
  expect(explainPostgresFailure(defect, "postgres://host")).toBe(defect);
});
