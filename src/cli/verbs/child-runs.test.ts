import { expect, test } from "vitest";
import { envelope, field, testProject, until } from "../cli-for-tests.ts";

/** Waits for a file; says how it went. */
const LOAD = `
import { pipeline } from "batuta";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export default pipeline("load", { params: z.object({ region: z.string() }), result: "count" }, ({ task }) => {
  const rows = task("rows", { queue: "heavy" }, async ({ params, projectDir, log, signal }) => {
    log.info("waiting");
    while (!existsSync(join(projectDir, "go"))) {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return [params.region];
  });
  task("count", { input: { rows } }, ({ input }) => ({ rows: input.rows.length, region: input.rows[0] ?? null }));
});
`;

const DAILY = `
import { pipeline } from "batuta";
import { child } from "batuta/tasks";

export default pipeline("daily", ({ task }) => {
  const loaded = task("loaded", child<{ rows: number; region: string }>("load", { params: { region: "eu" } }));
  task("report", { input: { loaded } }, ({ input }) => console.log("loaded " + input.loaded.region));
});
`;

const FILES = { "pipelines/daily.ts": DAILY, "pipelines/load.ts": LOAD };

test("a run and the run it starts are executed by one command; each is shown with the other", async () => {
  const project = testProject(FILES);
  const running = project.start(["run", "daily", "--date", "2026-01-02"]);
  await running.says(/loaded deferred: waits for run [0-9a-f-]+/);
  await until(() => project.has(".batuta/logs"));
  const why = envelope(await project.batuta("why", "daily", "loaded", "--json"));
  const sentence = String(field(why, "data", "tasks", 0, "reasons", 0, "sentence"));
  expect(sentence).toMatch(/^waits for run [0-9a-f-]{36} of pipeline load: running$/);
  project.write("go", "");
  expect((await running.ended).code).toBe(0);
  const [, id = ""] = /run ([0-9a-f-]{36})/.exec(sentence) ?? [];
  expect((await project.batuta("logs", "daily", "report")).stdout).toContain("loaded eu");
  const listed = await project.batuta("runs", "load");
  expect(listed.stdout).toMatch(/load +✔ success +2026-01-02 .* started by run [0-9a-f-]+/);
  const [parent] = field(envelope(await project.batuta("runs", "daily", "--json")), "data") as [unknown];
  const [child] = field(envelope(await project.batuta("runs", "load", "--json")), "data") as [unknown];
  expect(field(child, "parent")).toEqual({ run: field(parent, "id"), depth: 1 });
  expect(field(child, "id")).toBe(id);
});

test("SK-3, RT-7: task processes are asked before a run is started, and before none is", async () => {
  const asking = `import { pipeline } from "batuta";
import { child } from "batuta/tasks";
export default pipeline("asking", ({ task }) => {
  task("off", { runIf: ({ ds }) => ds === "1999-01-01" }, child("load", { params: { region: "a" } }));
  task("done", { doneWhen: () => true }, child("load", { params: { region: "b" } }));
  task("on", { runIf: () => true, cache: false }, child("load", { params: { region: "c" } }));
});`;
  const project = testProject({ ...FILES, "pipelines/asking.ts": asking, go: "" });
  const ended = envelope(await project.batuta("run", "asking", "--json"));
  const tasks = [0, 1, 2].map((index) => field(ended, "data", "tasks", index, "state"));
  expect(tasks).toEqual(["skipped", "success", "success"]);
  expect(field(envelope(await project.batuta("runs", "load", "--json")), "data")).toHaveLength(1);
});

test("a command that was killed goes on with both runs, and starts no other", async () => {
  const project = testProject(FILES);
  const killed = project.start(["run", "daily"]);
  await killed.says(/loaded deferred/);
  killed.child.kill("SIGKILL");
  await killed.ended;
  project.write("go", "");
  const again = await project.batuta("run", "daily");
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("Going on with run")]);
  const loads = field(envelope(await project.batuta("runs", "load", "--json")), "data");
  expect(loads).toMatchObject([{ state: "success" }]);
});

test("Ctrl-C cancels the run that was started, too", async () => {
  const project = testProject(FILES);
  const running = project.start(["run", "daily"]);
  await running.says(/loaded deferred/);
  running.child.kill("SIGINT");
  await running.ended;
  for (const pipeline of ["daily", "load"]) {
    const runs = field(envelope(await project.batuta("runs", pipeline, "--json")), "data");
    expect(runs).toMatchObject([{ state: "cancelled" }]);
  }
});

test("a pipeline that is not there is an error when the project is loaded", async () => {
  const project = testProject({ ...FILES, "pipelines/daily.ts": DAILY.replace('"load"', '"laod"') });
  const checked = await project.batuta("check");
  expect(checked.code).not.toBe(0);
  expect(checked.stdout + checked.stderr).toMatch(
    /Task "loaded" starts pipeline "laod", which the project does not have/,
  );
  expect(checked.stdout + checked.stderr).toContain('Did you mean "load"?');
});
