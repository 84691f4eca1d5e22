import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type Clock, systemClock } from "../../ports/clock.ts";
import { thrownBy } from "../context-for-tests.ts";
import { openDuckDb } from "./duckdb.ts";

let file: string;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "batuta-duckdb-"));
  file = join(folder, "warehouse.duckdb");
  return () => rmSync(folder, { recursive: true, force: true });
});

/** Another process that has the file open; `letGo` ends it. */
async function holdOpen(): Promise<{ letGo(): void }> {
  const program = `
    const { DuckDBInstance } = await import(${JSON.stringify(import.meta.resolve("@duckdb/node-api"))});
    const instance = await DuckDBInstance.create(${JSON.stringify(file)});
    await instance.connect();
    console.log("open");
    setInterval(() => instance, 1000);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return { letGo: () => child.kill("SIGKILL") };
}

test("a file that another process has open is waited for", async () => {
  const holder = await holdOpen();
  let waits = 0;
  const clock: Clock = {
    ...systemClock,
    after: (delayMs, callback) => {
      waits += 1;
      holder.letGo();
      return systemClock.after(delayMs, callback);
    },
  };
  const { signal } = new AbortController();
  const database = await openDuckDb(file, { projectDir: tmpdir(), signal, clock });
  expect(waits).toBeGreaterThan(0);
  expect(await database.rows("select 1 as n", [], 1)).toEqual([{ n: 1 }]);
  await database.close();
});

test("a time-out ends the wait for a file", async () => {
  const holder = await holdOpen();
  const timeout = new AbortController();
  const clock: Clock = {
    ...systemClock,
    after: (delayMs, callback) => {
      timeout.abort(new Error("timed out"));
      return systemClock.after(delayMs, callback);
    },
  };
  const opened = openDuckDb(file, { projectDir: tmpdir(), signal: timeout.signal, clock });
  await expect(opened).rejects.toThrow("timed out");
  holder.letGo();
});

test("a file that stays locked is given up in the end, with what to do", async () => {
  const holder = await holdOpen();
  let now = 0;
  const clock: Clock = {
    ...systemClock,
    mono: () => now,
    after: (delayMs, callback) => {
      now += 10_000;
      return systemClock.after(Math.min(delayMs, 1), callback);
    },
  };
  const { signal } = new AbortController();
  const error = await thrownBy(() => openDuckDb(file, { projectDir: tmpdir(), signal, clock }));
  expect(error.message).toMatch(/is open in another process/);
  expect(error.hint).toMatch(/concurrency: 1/);
  holder.letGo();
});

test.each([
  ["that runs", 100],
  ["that is only about to run", 0],
])("a time-out ends a statement %s, and lets none begin after it", async (_, afterMs) => {
  const timeout = new AbortController();
  const database = await openDuckDb(":memory:", { projectDir: tmpdir(), signal: timeout.signal, clock: systemClock });
  const endless = "select count(*) as n from range(1000000000000) a, range(1000000000000) b";
  const running = database.rows(endless, [], 1);
  if (afterMs === 0) timeout.abort(new Error("timed out"));
  else systemClock.after(afterMs, () => timeout.abort(new Error("timed out")));
  await expect(running).rejects.toThrow(/interrupt/i);
  await expect(database.run(`create table late as ${endless}`)).rejects.toThrow("timed out");
  await database.close();
});
