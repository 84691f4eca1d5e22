import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { openTemporary } from "./subject-for-tests.ts";

const PROCESSES = 8;
const CONNECTIONS = 8;
const WRITES = 10;

test("B55: of 64 concurrent writers in 8 processes none ever hears that the database is locked", async () => {
  const opened = await openTemporary(systemClock);
  const writers = Array.from({ length: PROCESSES }, (_, index) => writerProcess(opened.path, index));
  const outcomes = await Promise.all(writers);
  expect(outcomes).toEqual(outcomes.map(() => ({ code: 0, errors: "" })));
  const sessions = await opened.store.sessions();
  expect(sessions).toHaveLength(PROCESSES * CONNECTIONS * WRITES);
  await opened.close();
});

/** Opens its connections at the same time as all others do, and writes through all of them at once. */
function writerProcess(path: string, index: number): Promise<{ code: number | null; errors: string }> {
  const program = `
    import { openSqliteStore } from ${JSON.stringify(new URL("./open-sqlite-store.ts", import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL("../../ports/clock.ts", import.meta.url).href)};
    const process = { hostname: "h", hostId: "b", pid: 1, startTime: "1" };
    await Promise.all(Array.from({ length: ${CONNECTIONS} }, async (_, connection) => {
      const store = openSqliteStore({ path: ${JSON.stringify(path)}, clock: systemClock });
      await store.migrate();
      for (let write = 0; write < ${WRITES}; write++) {
        const id = "${index}-" + connection + "-" + write;
        await store.openSession({ id, project: "p", role: "run", process, leaseMs: 1000, runs: null });
      }
      await store.close();
    }));`;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (data) => {
      errors += String(data);
    });
    child.on("close", (code) => resolve({ code, errors }));
  });
}
