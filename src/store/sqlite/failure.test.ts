import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { ManualClock } from "../conformance/manual-clock.ts";
import { chain } from "../conformance/pipelines.ts";
import { Scenario, SUCCESS } from "../conformance/scenario.ts";
import type { Store } from "../store.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";
import { openTemporary, sqliteSubject } from "./subject-for-tests.ts";

const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

test("a file that is no database is named, with a way out", async () => {
  const path = join(temporaryFolder(), "batuta.db");
  writeFileSync(path, "This is not a database, though it is long enough to look like one. ".repeat(100));
  const error = await failureOf(openSqliteStore({ path, clock: systemClock }));
  expect(error).toMatchObject({ code: "store_unreachable", hint: expect.stringContaining("backup") });
  expect(error.message).toContain(path);
});

test("a folder that cannot be made is named", async () => {
  const file = join(temporaryFolder(), "a-file");
  writeFileSync(file, "");
  const error = await failureOf(openSqliteStore({ path: join(file, "state", "batuta.db"), clock: systemClock }));
  expect(error).toMatchObject({ code: "read_only" });
  expect(error.message).toContain(join(file, "state"));
});

test("a database on a read-only disk is named as such", async (context) => {
  const folder = temporaryFolder();
  const path = join(folder, "batuta.db");
  if (process.getuid?.() === 0) {
    mountOrSkip(context, folder, "size=4m");
    await openAndClose(path);
    spawnSync("mount", ["-o", "remount,ro", folder]);
  } else {
    await openAndClose(path);
    chmodSync(path, 0o400);
    chmodSync(folder, 0o500);
    cleanUps.push(() => chmodSync(folder, 0o700));
  }
  const error = await failureOf(openSqliteStore({ path, clock: systemClock }));
  expect(error).toMatchObject({ code: "read_only" });
  expect(error.message).toContain(path);
});

test("B67: a full disk is told as such, loses nothing, and heals when there is space again", async (context) => {
  const folder = temporaryFolder();
  mountOrSkip(context, folder, "size=3m");
  const path = join(folder, "batuta.db");
  const clock = new ManualClock();
  await using scenario = await Scenario.begin({
    name: "SQLite on a small disk",
    open: async () => {
      const store = openSqliteStore({ path, clock });
      await store.migrate();
      const inspector = new DatabaseSync(path);
      return {
        store,
        another: async () => undefined,
        rows: async (sql) => inspector.prepare(sql).all(),
        eventsReadable: async () => {},
        close: async () => {
          inspector.close();
          await store.close();
        },
      };
    },
  });
  const filler = join(folder, "filler");
  writeFileSync(filler, Buffer.alloc(1_500_000));
  const run = await scenario.start(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`t${index}`, {}])));
  const output = { kind: "inline" as const, json: JSON.stringify("x".repeat(50_000)) };
  let error: unknown;
  let accepted = 0;
  while (error === undefined) {
    try {
      await scenario.exchange((await scenario.claim(1)).map((claim) => [claim, { kind: "success", output }]));
      accepted += 1;
    } catch (caught) {
      error = caught;
    }
  }
  expect(error).toMatchObject({ code: "disk_full", hint: expect.stringContaining("space") });
  const finished = await scenario.store.taskRuns(run, { states: ["success"] });
  expect(finished).toHaveLength(accepted);
  rmSync(filler);
  const held = await scenario.store.taskRuns(run, { states: ["running"] });
  const session = scenario.session;
  const completions = held.map(({ key, token }) => ({ taskRunKey: key, token, session, result: SUCCESS }));
  await scenario.store.completeAndClaim(completions, undefined);
  await scenario.runOut();
  expect(await scenario.runState(run)).toBe("success");
});

test("a lock that another process never gives up is told after the time given, not before", async () => {
  const opened = await openTemporary(systemClock);
  const other = new DatabaseSync(opened.path);
  other.exec("begin immediate");
  const impatient = openSqliteStore({ path: opened.path, clock: systemClock, lockTimeoutMs: 30 });
  const error = await impatient.renewSession("anyone").catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "store_unreachable" });
  expect(String(error)).toContain(opened.path);
  // Who waits longer than the lock is held never hears of it, and reads go on meanwhile.
  const patient = opened.store.renewSession("anyone");
  expect(await opened.store.runs({ limit: 1 })).toEqual([]);
  other.exec("rollback");
  expect(await patient).toEqual({ alive: false });
  other.close();
  await impatient.close();
  await opened.close();
});

test("a database of a newer version is refused, with what to do", async () => {
  const opened = await openTemporary(systemClock);
  await opened.rows("insert into schema_version (number, name, applied_at) values (9999, 'later', 0) returning number");
  const error = await opened.store.migrate().catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "conflict", hint: expect.stringContaining("upgrade") });
  await opened.close();
});

test("what fails within a transaction leaves nothing of it behind", async () => {
  await using scenario = await Scenario.begin(sqliteSubject);
  const run = await scenario.start(chain("a", "b"));
  const claims = await scenario.claim();
  await scenario.opened.rows("create trigger broken before insert on ready begin select raise(abort, 'no'); end");
  await expect(scenario.end(claims, SUCCESS)).rejects.toThrow("no");
  expect(await scenario.states(run)).toEqual({ a: "running", b: "scheduled" });
  await scenario.opened.rows("drop trigger broken");
  expect((await scenario.end(claims, SUCCESS)).completions).toEqual(["accepted"]);
});

async function openAndClose(path: string): Promise<void> {
  const store = openSqliteStore({ path, clock: systemClock });
  await store.migrate();
  await store.close();
}

async function failureOf(store: Store): Promise<Error> {
  const error = await store.migrate().catch((caught: unknown) => caught);
  await store.close();
  if (!(error instanceof Error)) throw new Error("It did not fail");
  return error;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "batuta-sqlite-"));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file system of its own in memory, for which root and a kernel that allows it are needed. */
function mountOrSkip(context: { skip: (reason: string) => void }, folder: string, options: string): void {
  mkdirSync(folder, { recursive: true });
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  if (mounted.status !== 0) context.skip("no tmpfs can be mounted here (root and CAP_SYS_ADMIN are needed)");
  cleanUps.push(() => spawnSync("umount", ["-l", folder]));
}
