import { expect, test } from "vitest";
import { asset, cron, daily, FatalError, fatal, SkipSignal, skip } from "./index.ts";

test("skip() and fatal() throw what is known by a property, not by its class alone", () => {
  expect(() => skip("holiday")).toThrow(
    expect.objectContaining({ batuta: "skip", message: "holiday", name: "SkipSignal" }),
  );
  expect(() => skip()).toThrow(SkipSignal);
  const cause = new Error("401");
  expect(() => fatal("no access", { cause })).toThrow(
    expect.objectContaining({ batuta: "fatal", message: "no access", cause }),
  );
  expect(() => fatal("x")).toThrow(FatalError);
});

test("an asset has a key of words between slashes", () => {
  const partitions = daily({ start: "2024-02-29" });
  expect(asset("warehouse/daily_revenue", { partitions })).toEqual({
    batuta: "asset",
    key: "warehouse/daily_revenue",
    partitions: { kind: "daily", start: "2024-02-29" },
  });
  for (const key of ["", "a b", "/a", "a/", "a//b", "../a", 3])
    expect(() => asset(key as string)).toThrow(/is not allowed/);
  expect(() => asset("a", { partition: partitions } as never)).toThrow(/Unknown option `partition`/);
});

test("daily partitions begin on a day that exists", () => {
  for (const start of ["2023-02-29", "2024-1-1", "today", 20240101]) {
    expect(() => daily({ start: start as string })).toThrow(/which is no date/);
  }
});

test("a cron expression and its zone are judged at once", () => {
  expect(cron(" 0 6 * * * ")).toEqual({
    batuta: "schedule",
    name: "main",
    timing: { kind: "cron", expression: "0 6 * * *" },
    ...{ timezone: "UTC", catchUp: "latest", catchUpUnsaid: true, graceMs: 600_000, enabled: true },
    location: expect.objectContaining({ line: expect.any(Number) }),
  });
  expect(cron("@daily", { timezone: "Europe/Berlin" })).toMatchObject({ timezone: "Europe/Berlin" });
  for (const wrong of ["", "61 6 * * *", "* * *", "every day", 5]) {
    expect(() => cron(wrong as string)).toThrow(
      expect.objectContaining({
        code: "invalid_definition",
        location: expect.objectContaining({ line: expect.any(Number) }),
      }),
    );
  }
  expect(() => cron("@daily", { timezone: "Mars/Olympus" })).toThrow(/Mars\/Olympus/);
  expect(() => cron("@daily", { timzone: "UTC" } as never)).toThrow(/`timzone`/);
});
