import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import type { TestServer } from "./server-for-tests.ts";

/** Of the operating system, on one PostgreSQL. */
export const PROCESSES = 4;

export interface RaceCourse {
  readonly store: Store;
  readonly schema: string;
  readonly folder: string;
}

export async function beginRaces(server: TestServer): Promise<RaceCourse> {
  const schema = server.freshSchema();
  const store = openPostgresStore({ url: server.url, schema });
  await store.migrate();
  const folder = mkdtempSync(join(tmpdir(), "batuta-races-"));
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return { store, schema, folder };
}

export interface Race {
  readonly schema: string;
  readonly folder: string;
  readonly program: string;
}

/** Returns when all processes have found nothing left to do; the first that fails ends the others. */
export async function race(server: TestServer, how: Race): Promise<void> {
  const racers = Array.from({ length: PROCESSES }, (_, index) => racer(server, how, index));
  try {
    await Promise.all(racers.map(({ ended }) => ended));
  } finally {
    for (const { child } of racers) child.kill("SIGKILL");
  }
}

function racer(server: TestServer, { schema, folder, program }: Race, index: number) {
  const settings = { url: server.url, schema, folder, index };
  const text = `
    import { closeSync, openSync, unlinkSync } from "node:fs";
    import { openPostgresStore } from ${JSON.stringify(new URL("./open-postgres-store.ts", import.meta.url).href)};
    import { sleep, systemClock } from ${JSON.stringify(new URL("../../ports/clock.ts", import.meta.url).href)};
    const { url, schema, folder, index } = ${JSON.stringify(settings)};
    const store = openPostgresStore({ url, schema, poolSize: 2 });
    const session = "racer-" + index;
    const process = { hostname: "h", hostId: "b", pid: index, startTime: "1" };
    await store.openSession({ id: session, project: "shop", role: "server", process, leaseMs: 600000, runs: null });
    const success = ({ taskRunKey, token }) => ({ taskRunKey, token, session, result: { kind: "success" } });
    const exchange = (claims, slots) =>
      store.completeAndClaim(claims.map(success), { session, slots, queues: ["default"] });
    const unfinished = async () => (await store.runs({ states: ["queued", "running"], limit: 1 })).length > 0;
    ${program}
    await store.close();`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", text], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += String(data);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("close", (code) => {
      if (code === 0 && errors === "") resolve();
      else reject(new Error(`A racer has ended with ${code}: ${errors}`));
    });
  });
  return { child, ended };
}
