import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkObjects, type S3ObjectConfig } from "./check-objects.ts";

/**
 * Against a server that speaks S3 and Amazon's own client, which are no dependencies of Batuta: they are installed for
 * this test into a folder beside others of this host, which takes seconds once. Without a network it is skipped.
 */
const PACKAGES = ["@aws-sdk/client-s3@3.1175.0", "s3rver@3.7.1"];
const HOME = join(tmpdir(), "batuta-s3-packages-1");
const INSTALL_MS_MAX = 90_000;

let why: string | undefined;
let server: Awaited<ReturnType<typeof startServer>> | undefined;

beforeAll(async () => {
  try {
    await installPackages();
    server = await startServer();
  } catch (error) {
    why = `No S3 server: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  }
}, INSTALL_MS_MAX + 30_000);

afterAll(() => server?.stop());

test("s3Object: waits for an object, or for as many as match, in a store that speaks S3", async (context) => {
  if (server === undefined) return context.skip(why);
  const one = { bucket: "lake", key: "raw/2026-01-02/a.parquet", count: 1, connection: "lake" };
  const many = { ...one, key: "raw/2026-01-02/*.parquet", count: 2 };
  expect(await look(one)).toMatchObject({ batuta: "not_yet", seen: "nothing at s3://lake/raw/2026-01-02/a.parquet" });
  await server.put("raw/2026-01-02/a.parquet.tmp", "12");
  expect(await look(one)).toMatchObject({ batuta: "not_yet" });
  await server.put("raw/2026-01-02/a.parquet", "123");
  expect(await look(one)).toMatchObject([
    { url: "s3://lake/raw/2026-01-02/a.parquet", key: "raw/2026-01-02/a.parquet", bytes: 3 },
  ]);
  await server.put("raw/2026-01-02/deep/b.parquet", "1");
  expect(await look(many)).toMatchObject({ batuta: "not_yet", seen: "1 of 2 objects" });
  await server.put("raw/2026-01-02/b.parquet", "1");
  expect(await look(many)).toMatchObject([{ bytes: 3 }, { key: "raw/2026-01-02/b.parquet" }]);
  await expect(look({ ...one, bucket: "nobody" })).rejects.toThrow(/bucket/i);
});

function look(config: S3ObjectConfig): Promise<unknown> {
  const { signal } = new AbortController();
  const connections = { lake: `s3://S3RVER:S3RVER@127.0.0.1:${server?.port}?tls=off` };
  return checkObjects({ config, memory: undefined, now: new Date(0), connections, projectDir: HOME, signal });
}

async function installPackages(): Promise<void> {
  if (existsSync(join(HOME, "node_modules", "s3rver"))) return;
  const building = mkdtempSync(join(tmpdir(), "batuta-s3-install-"));
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", building];
  try {
    await promisify(execFile)("npm", ["install", ...flags, ...PACKAGES], { timeout: INSTALL_MS_MAX });
    // Whoever comes second has the same.
    if (!existsSync(HOME)) renameSync(building, HOME);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** Puts objects as well, by the same packages: the server writes its port, then takes one line for each. */
async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), "batuta-s3-"));
  const child = spawn(process.execPath, ["-e", SERVER, folder], { cwd: HOME, stdio: ["pipe", "pipe", "inherit"] });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    for (const line of chunk.toString().split("\n").filter(Boolean)) {
      const waiter = waiting.shift();
      if (waiter === undefined) lines.push(line);
      else waiter(line);
    }
  });
  const next = (): Promise<string> =>
    new Promise((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`The server ended with exit code ${code}`)));
      const line = lines.shift();
      if (line === undefined) waiting.push(resolve);
      else resolve(line);
    });
  const port = Number(await next());
  return {
    port,
    put: async (key: string, body: string): Promise<void> => {
      child.stdin.write(`${JSON.stringify({ key, body })}\n`);
      expect(await next()).toBe(key);
    },
    stop: (): void => {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const SERVER = `
const S3rver = require("s3rver");
const { S3Client, PutObjectCommand } = require("@aws-sdk/client-s3");
const options = { port: 0, address: "127.0.0.1", silent: true, directory: process.argv[1], configureBuckets: [{ name: "lake" }] };
new S3rver(options).run().then(({ port }) => {
  const client = new S3Client({
    region: "us-east-1",
    endpoint: "http://127.0.0.1:" + port,
    forcePathStyle: true,
    credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  console.log(port);
  require("node:readline").createInterface({ input: process.stdin }).on("line", async (line) => {
    const { key, body } = JSON.parse(line);
    await client.send(new PutObjectCommand({ Bucket: "lake", Key: key, Body: body }));
    console.log(key);
  });
});
`;
