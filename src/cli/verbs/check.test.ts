import { expect, it } from "vitest";
import { envelope, testProject } from "../cli-for-tests.ts";

const JOIN = `
import { pipeline } from "batuta";

export default pipeline("sales", ({ task, branch }) => {
  const choose = branch("choose", () => "rows");
  const bulk = task("bulk", { after: choose }, () => 1);
  const rows = task("rows", { after: choose }, () => 1);
  task("publish", { after: [bulk, rows] }, () => 1);
});
`;

it("SK-5: warns of a join after a branch that uses all_success, which `run` does not mention", async () => {
  const project = testProject({ "pipelines/sales.ts": JOIN });
  const check = await project.batuta("check");
  expect(check.code).toBe(0);
  expect(check.stdout).toMatch(/^warning: Task "publish" waits with all_success for "bulk" and "rows"/m);
  expect(check.stdout).toContain("at pipelines/sales.ts:8:3");
  expect(check.stdout).toContain('>  8 |   task("publish"');
  expect(check.stdout).toContain('hint: Write when: "none_failed_min_one_success"');
  expect(check.stdout).toMatch(/1 warning, 1 pipeline sound$/m);
  expect(envelope(await project.batuta("check", "--json"))).toMatchObject({
    ok: true,
    data: {
      pipelines: [{ name: "sales", tasks: 4 }],
      problems: [{ severity: "warning", location: { file: "pipelines/sales.ts", line: 8 } }],
    },
  });
  expect(envelope(await project.batuta("show", "--json"))).toMatchObject({ warnings: [] });
});

it("TI-8: warns of a schedule that no tick gets through, with the place and what holds it back", async () => {
  const windows = 'windows: [{ days: "mon-fri", from: "08:00", to: "18:00" }]';
  const project = testProject({
    "pipelines/daily.ts": `import { cron, pipeline } from "batuta";

export default pipeline("daily", { schedule: cron("30 5 * * *", { ${windows} }) }, ({ task }) => {
  task("a", () => 1);
});
`,
  });
  const { code, stdout } = await project.batuta("check");
  expect(code).toBe(0);
  expect(stdout).toMatch(/warning: Schedule "main" of pipeline "daily" .* outside the windows .*\n {2}at .*daily.ts:3/);
  expect((await project.batuta("list")).stdout).toContain("daily");
});
