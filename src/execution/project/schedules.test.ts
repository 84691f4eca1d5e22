import { afterEach, expect, test } from "vitest";
import { type ProjectForTests, projectForTests } from "./project-for-tests.ts";

let project: ProjectForTests;

afterEach(() => project.remove());

function pipelineFile(schedule: string, params = ""): string {
  return [
    'import { cron, pipeline } from "batuta";',
    'import { z } from "zod";',
    "",
    `export default pipeline("sales", { schedule: ${schedule}, ${params} }, ({ task }) => {`,
    '  task("a", () => 1);',
    "});",
    "",
  ].join("\n");
}

async function compile(files: Readonly<Record<string, string>>) {
  project = projectForTests(files);
  return project.compile();
}

const WITH_CALENDAR = pipelineFile('cron("@daily", { calendar: "calendars/de.json" })');

test.each([
  ["a list", '["2024-12-26", "2024-12-25", "2024-12-25"]'],
  ["dates with names", '{ "2024-12-25": "Christmas", "2024-12-26": "Boxing Day" }'],
  ["a list under a name", '{ "holidays": [{ "date": "2024-12-25", "name": "Christmas" }, "2024-12-26"] }'],
])("TI-8: the manifest has the holidays of a business calendar: %s", async (_, calendar) => {
  const { manifest, problems } = await compile({ "pipelines/sales.ts": WITH_CALENDAR, "calendars/de.json": calendar });
  expect(problems).toEqual([]);
  expect(manifest.pipelines[0]?.schedules?.[0]?.filter).toEqual({
    calendar: "calendars/de.json",
    holidays: ["2024-12-25", "2024-12-26"],
  });
});

test("another calendar is another version, of the same graph", async () => {
  const before = await compile({ "pipelines/sales.ts": WITH_CALENDAR, "calendars/de.json": '["2024-12-25"]' });
  project.write({ "calendars/de.json": '["2024-12-26"]' });
  const after = await project.compile();
  expect(after.hash).not.toBe(before.hash);
  expect(after.manifest.pipelines[0]?.graphHash).toBe(before.manifest.pipelines[0]?.graphHash);
  expect(after.manifest.pipelines[0]?.schedules?.[0]?.filter?.holidays).toEqual(["2024-12-26"]);
});

test.each([
  ["that is not there", {}, "is not among the files of the project"],
  ["that is no JSON", { "calendars/de.json": "{" }, "is not valid JSON"],
  ["that is a number", { "calendars/de.json": "5" }, "is no list of holidays"],
  ["with a date that is none", { "calendars/de.json": '["2024-02-30"]' }, 'has "2024-02-30" in it'],
  ["with null", { "calendars/de.json": "[null]" }, "has null in it"],
])("a calendar %s is an error at the pipeline, with the remedy", async (_, files, fault) => {
  const { manifest, problems } = await compile({ "pipelines/sales.ts": WITH_CALENDAR, ...files });
  expect(manifest.pipelines).toEqual([]);
  expect(problems).toMatchObject([
    {
      severity: "error",
      code: "invalid_definition",
      message: expect.stringContaining(fault),
      location: { file: "pipelines/sales.ts", line: 4 },
      codeFrame: expect.stringContaining("schedule:"),
      hint: expect.any(String),
    },
  ]);
  expect(problems[0]?.message).toContain("calendars/de.json");
});

test.each([
  "z.string().default(() => new Date().toISOString().slice(0, 10))",
  "z.number().default(() => Date.now())",
  "z.number().default(() => new Date().getFullYear())",
  "z.string().default(() => Date())",
  "z.number().default(() => Math.random())",
  "z.string().default(() => crypto.randomUUID())",
])("a default that depends on moment or chance is refused, for runs that nobody starts: %s", async (type) => {
  const { problems } = await compile({
    "pipelines/sales.ts": pipelineFile(
      'cron("@daily")',
      `params: z.object({ day: ${type}, region: z.string().default("eu") })`,
    ),
  });
  expect(problems).toMatchObject([
    {
      code: "invalid_definition",
      message: 'The default of day of pipeline "sales" is another one each time it is asked for.',
      location: { file: "pipelines/sales.ts", line: 4 },
      hint: expect.stringContaining("`ds`"),
    },
  ]);
});

test("defaults that are always the same are none of that, dates among them", async () => {
  const params =
    'params: z.object({ from: z.iso.date().default("2024-01-01"), at: z.coerce.date().default(new Date("2024-01-01")) })';
  const { manifest, problems } = await compile({ "pipelines/sales.ts": pipelineFile('cron("@daily")', params) });
  expect(problems).toEqual([]);
  expect(manifest.pipelines[0]?.schedules?.[0]?.params).toEqual({ from: "2024-01-01", at: "2024-01-01T00:00:00.000Z" });
});

test("an error in a schedule is shown at its line", async () => {
  const { problems } = await compile({ "pipelines/sales.ts": pipelineFile('cron("0 0 30 2 *")') });
  expect(problems).toMatchObject([
    { message: expect.stringContaining("never fires"), location: { file: "pipelines/sales.ts", line: 4 } },
  ]);
});
