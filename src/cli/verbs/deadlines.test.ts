import { expect, test } from "vitest";
import { envelope, testProject } from "../cli-for-tests.ts";

const LATE = `import { existsSync } from "node:fs";
import { pipeline } from "batuta";
export default pipeline("late", { deadline: "1600ms" }, ({ task }) => {
  task("wait", { deadline: "1500ms" }, async () => {
    while (!existsSync("go")) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  task("quick", { deadline: "1h" }, () => 1);
});`;

test("a run that is late says so while it runs, in every view, and once", async () => {
  const project = testProject({ "pipelines/late.ts": LATE });
  const run = project.start(["run", "late"]);
  await run.says(/! wait late \(within 1\.5 s\): wait has been running for .*, attempt 1/);
  await run.says(/! run late \(within 1\.6 s\): wait has been running for/);
  await run.says(/quick success/);
  expect((await project.batuta("runs")).stdout).toMatch(/running .*wait late \(within 1\.5 s\) and 1 more, 1 to do/);
  const why = (await project.batuta("why", "late")).stdout;
  expect(why).toMatch(/^! wait late \(within 1\.5 s\), due .*: wait has been running for/m);
  expect(why).toMatch(/^! late \(within 1\.6 s\), due/m);
  expect((await project.batuta("why", "late", "quick")).stdout).not.toContain("late (");
  expect((await project.batuta("show", "--run", "late")).stdout).toMatch(/^! late \(within 1\.6 s\)/m);
  project.write("go", "");
  const ended = await run.ended;
  expect(ended.code).toBe(0);
  expect(ended.stderr.match(/late \(/g)).toHaveLength(2);
  expect(envelope(await project.batuta("runs", "--json"))).toMatchObject({
    data: [
      {
        state: "success",
        missedDeadlines: [
          { task: "wait", deadline: "within 1.5 s", waitsFor: [expect.stringContaining("wait has been running")] },
          { deadline: "within 1.6 s" },
        ],
      },
    ],
  });
});

test("check warns of a deadline that can never be kept, with the place and what is probably meant", async () => {
  const project = testProject({
    "pipelines/early.ts": `import { by, cron, pipeline } from "batuta";
export default pipeline("early", { schedule: cron("0 6 * * *"), deadline: by("05:00") }, ({ task }) => {
  task("load", () => 1);
});`,
  });
  const { code, stdout } = await project.batuta("check");
  expect(code).toBe(0);
  expect(stdout).toContain('The deadline of pipeline "early", by 05:00, can never be kept');
  expect(stdout).toContain('by("05:00", { day: 1 })');
  expect(stdout).toContain("pipelines/early.ts:2");
});
