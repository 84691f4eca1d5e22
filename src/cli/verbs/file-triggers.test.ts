import { appendFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { field, type RunningCommand, type TestProject, testProject, until } from "../cli-for-tests.ts";

const LOAD = `import { onFile, pipeline } from "batuta";
import { appendFileSync } from "node:fs";
import { z } from "zod";
export default pipeline("load", {
  params: z.object({ path: z.string() }),
  on: [
    onFile("in/*.csv", { stableFor: "200ms", pollEvery: "200ms", params: { path: "{{ event.path }}" } }),
    onFile("late/*", { name: "late", stableFor: "200ms", pollEvery: "200ms", existing: "ignore", params: { path: "" } }),
  ],
}, ({ task }) => {
  task("copy", ({ params, events }) => {
    appendFileSync("taken.txt", JSON.stringify([params.path, ...events.map(({ payload }) => payload.size)]) + "\\n");
  });
});`;

test("TI-2: under batuta dev each file starts one run, those before it too, over restarts and as often as it changes", async () => {
  const project = testProject({
    "batuta.json": '{ "exclude": ["in", "late"] }',
    "pipelines/load.ts": LOAD,
    "in/before.csv": "1",
  });
  const first = await startDev(project);
  await until(() => ended(first) === 1);
  writeFileSync(join(project.dir, "in/half.tmp"), "12");
  renameSync(join(project.dir, "in/half.tmp"), join(project.dir, "in/whole.csv"));
  await until(() => ended(first) === 2);
  expect((await project.batuta("why", "load")).stdout).toMatch(
    /Trigger files \(on files in\/\*\.csv\) waits for files\..*Trigger late .*There is no folder \S*late, in which/s,
  );
  expect((await project.batuta("list")).stderr).toMatch(/There is no folder .*late/);
  await stop(first);
  project.write("in/away.csv", "123");
  const second = await startDev(project);
  await until(() => ended(second) === 1);
  appendFileSync(join(project.dir, "in/before.csv"), "234");
  await until(() => ended(second) === 2);
  mkdirSync(join(project.dir, "late"));
  writeFileSync(join(project.dir, "late/any"), "12345");
  await until(() => ended(second) === 3);
  await stop(second);
  expect(project.read("taken.txt").trim().split("\n")).toEqual([
    ...['["in/before.csv",1]', '["in/whole.csv",2]', '["in/away.csv",3]', '["in/before.csv",4]', '["",5]'],
  ]);
});

async function startDev(project: TestProject): Promise<RunningCommand> {
  const running = project.start(["dev", "--json"]);
  await running.says('"kind":"started"');
  return running;
}

/** Runs that have succeeded so far. */
function ended(running: RunningCommand): number {
  const reports = running.said().split("\n").slice(0, -1);
  return reports.filter((line) => {
    const report: unknown = line.startsWith("{") ? JSON.parse(line) : undefined;
    return field(report, "kind") === "run" && field(report, "state") === "success";
  }).length;
}

async function stop(running: RunningCommand): Promise<void> {
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(0);
}
