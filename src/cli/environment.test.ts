import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from "vitest";
import { startTestServer, type TestServer } from "../store/postgres/server-for-tests.ts";
import { type CommandResult, envelope, projectAt, testProject } from "./cli-for-tests.ts";

const HELLO = {
  "pipelines/hello.ts":
    'import { pipeline } from "batuta";\nexport default pipeline("hello", ({ task }) => { task("greet", () => 1); });\n',
};

/** `fill` fills the disk and waits for a file that the test writes when it has made room. */
const FILLER = {
  "pipelines/filler.ts": `
import { pipeline } from "batuta";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export default pipeline("filler", ({ task }) => {
  const first = task("first", () => 1);
  const fill = task("fill", { input: { first } }, ({ projectDir }) => {
    if (existsSync(join(projectDir, "filled"))) return 2;
    writeFileSync(join(projectDir, "filled"), "");
    try { writeFileSync(join(projectDir, "big"), Buffer.alloc(50_000_000)); } catch {}
    return "x".repeat(900_000);
  });
  task("last", { input: { fill } }, ({ input }) => input.fill);
});
`,
};

/** Waits for a file in its second task. */
const PATIENT = `
import { pipeline } from "batuta";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

export default pipeline("patient", ({ task }) => {
  const first = task("first", () => 1);
  const waiting = task("waiting", { input: { first } }, async ({ input, projectDir }) => {
    while (!existsSync(join(projectDir, "go"))) await setTimeout(20);
    return input.first;
  });
  task("last", { input: { waiting } }, ({ input }) => input.waiting);
});
`;

describe("when the machine does not play along", () => {
  it("a damaged database is told in one sentence, and left as it is", async () => {
    const project = testProject(HELLO);
    const damage = "this is no database".repeat(1_000);
    mkdirSync(join(project.dir, ".batuta"));
    writeFileSync(join(project.dir, ".batuta", "batuta.db"), damage);
    for (const args of [["runs"], ["run", "hello"], ["logs", "latest"]]) {
      expectOneClearError(await project.batuta(...args), 6, "is not a sound SQLite database");
    }
    expect(project.read(".batuta/batuta.db")).toBe(damage);
    expect((await project.batuta("doctor")).stdout).toMatch(/^fail {2}database .*\n +Restore it from a backup/m);
  });

  it("a file where a folder has to be is named", async () => {
    const project = testProject({ ...HELLO, ".batuta": "" });
    expectOneClearError(await project.batuta("run", "hello"), 5, "/.batuta is in the way");
  });

  it("a database that is not there is told without its password", async () => {
    const project = testProject(HELLO);
    const result = await project.start(["run", "hello"], { BATUTA_DATABASE_URL: "postgres://me:secret@127.0.0.1:1/db" })
      .ended;
    expectOneClearError(result, 6, "postgres://me:***@127.0.0.1:1/db cannot be reached");
    expect(result.stderr).not.toContain("secret");
    expectOneClearError(await project.batuta("runs", "--database-url", "mysql://x"), 2, "not one of PostgreSQL");
  });

  it("a folder that cannot be written is named", async (context) => {
    const project = projectAt(tmpfs(context, "8m"), HELLO);
    expect(spawnSync("mount", ["-o", "remount,ro", project.dir]).status).toBe(0);
    for (const args of [["run", "hello"], ["runs"], ["check"]]) {
      expectOneClearError(await project.batuta(...args), 4, `${project.dir}/.batuta`);
    }
    expect((await project.batuta("doctor")).stdout).toMatch(/^fail {2}folder .*cannot be written/m);
  });

  it("a disk that fills up ends the command, loses nothing, and the same command goes on when there is room", async (context) => {
    const project = projectAt(tmpfs(context, "6m"), FILLER);
    const full = await project.batuta("run", "filler");
    expectOneClearError(full, 6, "is full");
    expect(full.stderr).toContain("run the command again");
    expect((await project.batuta("runs")).stdout).toContain("running");

    rmSync(join(project.dir, "big"));
    const resumed = await project.batuta("run", "filler", "--json");
    expect(resumed.stderr).toContain("Going on with run");
    expect(envelope(resumed)).toMatchObject({
      ok: true,
      data: { tasks: [{ attempts: 1 }, { state: "success", attempts: 2 }, { state: "success" }] },
    });
  });
});

describe("with PostgreSQL", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.stop());

  it("every verb works when nothing but the URL changes", async () => {
    const project = testProject(HELLO);
    const batuta = (...args: string[]): Promise<CommandResult> =>
      project.start(args, { BATUTA_DATABASE_URL: server.url }).ended;
    expect(envelope(await batuta("run", "hello", "--json"))).toMatchObject({ ok: true, data: { state: "success" } });
    expect(envelope(await batuta("retry", "latest", "--json"))).toMatchObject({
      ok: true,
      data: { tasks: [{ attempts: 1 }] },
    });
    expect((await batuta("runs")).stdout).toMatch(/hello +✔ success/);
    expect((await batuta("why", "latest")).stdout).toContain("Everything in it succeeded.");
    expect((await batuta("doctor")).stdout).toMatch(/^ok {4}database {2}postgres:\/\/batuta:\*\*\*@/m);
    expect(project.has(".batuta/batuta.db")).toBe(false);
  });

  it("a server that crashes and comes back in the middle of a run costs nothing", async () => {
    const project = testProject({ "pipelines/patient.ts": PATIENT });
    const running = project.start(["run", "patient", "--json"], { BATUTA_DATABASE_URL: server.url });
    await running.says("waiting running");
    await server.crash();
    await server.restart();
    project.write("go", "");
    expect(envelope(await running.ended)).toMatchObject({
      ok: true,
      data: { state: "success", tasks: [{ attempts: 1 }, { attempts: 1 }, { attempts: 1 }] },
    });
  });
});

function expectOneClearError({ code, stdout, stderr }: CommandResult, exitCode: number, said: string): void {
  expect(stderr).toContain(said);
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: "" });
}

/** A small disk of its own; the test is skipped, with the reason, where none can be mounted. */
function tmpfs(context: TestContext, size: string): string {
  const { dir } = testProject();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", dir]);
  if (mounted.status !== 0) context.skip("no tmpfs can be mounted here (root and CAP_SYS_ADMIN are needed)");
  onTestFinished(() => void spawnSync("umount", ["--lazy", dir]));
  return dir;
}
