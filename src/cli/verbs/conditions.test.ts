import { expect, test } from "vitest";
import { envelope, testProject } from "../cli-for-tests.ts";

const WEEKLY = `
import { pipeline } from "batuta";
import { shell } from "batuta/tasks";

export default pipeline("weekly", ({ task }) => {
  const rows = task("rows", () => [1, 2, 3]);
  task("summary", { input: { rows }, runIf: ({ ds }) => ds === "2026-01-05" }, ({ input }) => input.rows.length);
  task("publish", { after: rows, runIf: ({ ds }) => ds === "2026-01-05" }, shell\`echo published\`);
});
`;

test("SK-3: a task whose runIf is false is skipped, and what the command line shows says so", async () => {
  const project = testProject({ "pipelines/weekly.ts": WEEKLY });
  const tuesday = await project.batuta("run", "weekly", "--date", "2026-01-06");
  expect([tuesday.code, tuesday.stderr]).toEqual([
    0,
    expect.stringMatching(/summary skipped in .*: its runIf was false/),
  ]);
  const why = await project.batuta("why", "latest", "--json");
  expect(envelope(why)).toMatchObject({
    data: { tasks: [{ name: "summary", reasons: [{ code: "skipped_by_condition" }] }, { name: "publish" }] },
  });
  const monday = await project.batuta("run", "weekly", "--date", "2026-01-05", "--json");
  expect(envelope(monday)).toMatchObject({ data: { state: "success" } });
  expect((await project.batuta("logs", "latest", "publish")).stdout).toContain("published");
});
