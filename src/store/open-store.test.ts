import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../ports/clock.ts";
import { openStore } from "./open-store.ts";

test("without a database URL the store is a SQLite file, its folder made when missing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "batuta-open-"));
  const store = await openStore({ sqlitePath: join(folder, "state", "batuta.db"), clock: systemClock });
  await store.migrate();
  expect(await store.runs({ limit: 1 })).toEqual([]);
  await store.close();
  rmSync(folder, { recursive: true });
});

test("with a PostgreSQL URL nothing is opened before it is used, and a server that is not there is named", async () => {
  const databaseUrl = "postgres://anna:secret@127.0.0.1:1/shop";
  const store = await openStore({ databaseUrl, sqlitePath: "unused", clock: systemClock, patienceMs: 0 });
  const refused = await store.runs({ limit: 1 }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "store_unreachable" });
  expect(String(refused)).toContain("anna:***@127.0.0.1:1/shop");
  expect(String(refused)).not.toContain("secret");
  await store.close();
});

test("another kind of URL is refused", async () => {
  const opened = openStore({ databaseUrl: "mysql://host/db", sqlitePath: "unused", clock: systemClock });
  await expect(opened).rejects.toMatchObject({ code: "usage" });
});
