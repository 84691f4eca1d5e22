import { expect, test } from "vitest";
import type { ProjectProblem } from "../../execution/project/problem.ts";
import { RecordedOutput } from "../rows-for-tests.ts";
import { formatInstant } from "../terminal/instant-text.ts";
import type { DevReport, ReloadReport, StartReport } from "./dev-report.ts";
import { devText } from "./dev-text.ts";

const AT = Date.UTC(2026, 0, 2);

const DAY = { start: Date.UTC(2026, 0, 1), end: AT };

const START: StartReport = {
  ...{ kind: "started", at: AT, project: "shop", ms: 512, pipelines: 1, schedules: [], problems: [], kept: [] },
  resumed: 0,
};

const RELOAD: ReloadReport = {
  ...{ kind: "reloaded", at: AT, ms: 312, versionHash: "v2", files: ["README.md"], added: [], changed: [] },
  ...{ removed: [], kept: [], problems: [], mended: [], schedules: [] },
};

test("the beginning says what there is, what goes on, and when schedules run next, the soonest twenty", () => {
  const schedules = Array.from({ length: 22 }, (_, index) => ({
    ...{ pipeline: `p${index}`, schedule: index === 1 ? "hourly" : "main", timing: "0 6 * * *", timezone: "UTC" },
    ...(index === 2 ? { rest: "paused" } : { nextAt: AT + index }),
  }));
  const text = shown({ ...START, schedules, resumed: 2 });
  expect(text).toContain("shop: 1 pipeline, 22 schedules; ready in 512 ms.\nGoing on with 2 runs of before.\n");
  expect(text).toContain(`p1 hourly  ${formatInstant(AT + 1)}  0 6 * * * UTC\np2         paused`);
  expect(text).toContain("… and 2 more schedules");
});

test.each([
  [{}, "↻ reloaded in 312 ms: README.md changed, no pipeline did"],
  [{ files: ["a.md", "b.md", "c.md"] }, "↻ reloaded in 312 ms: a.md and 2 other files changed, no pipeline did"],
  [{ changed: ["a", "b"], removed: ["c"] }, "↻ reloaded in 312 ms: 2 pipelines changed (a, b), 1 pipeline removed (c)"],
  [{ added: ["a", "b", "c", "d"] }, "↻ reloaded in 312 ms: 4 pipelines added (a, b, c, …)"],
  [
    { changed: ["a"], schedules: [{ pipeline: "a", schedule: "main", timing: "", timezone: "", nextAt: AT }] },
    `↻ reloaded in 312 ms: 1 pipeline changed (a), a runs next ${formatInstant(AT)}`,
  ],
  [
    { changed: ["a"], schedules: [{ pipeline: "a", schedule: "main", timing: "", timezone: "", rest: "paused" }] },
    "↻ reloaded in 312 ms: 1 pipeline changed (a), a: paused",
  ],
  [{ mended: ["a.ts"] }, "✔ nothing is wrong with a.ts any more"],
])("a reload that brings %j is told so", (parts, line) => {
  expect(shown({ ...RELOAD, ...parts })).toContain(line);
});

test("what is wrong comes with its place, its remedy, and what runs meanwhile", () => {
  const problem: ProjectProblem = {
    severity: "error",
    code: "load_failed",
    ...{ message: "It throws.", file: "a.ts" },
    ...{ location: { file: "a.ts", line: 7 }, hint: "Mend it." },
  };
  expect(shown({ ...RELOAD, problems: [problem], kept: ["a", "b"] })).toMatch(
    /✖ reloaded.*\nerror: It throws\.\n {2}at a\.ts:7\n {2}hint: Mend it\.\n\na, b run as they were when their files were good last\.$/,
  );
});

test.each([
  [
    {
      kind: "run",
      at: AT,
      run: "01a218dc-df44-7b32",
      pipeline: "a",
      ds: "2026-01-01",
      interval: DAY,
      trigger: "schedule",
      state: "running",
    },
    "● a 2026-01-01 running (schedule)  01a218dc-df44-7b32",
  ],
  [
    {
      kind: "run",
      at: AT,
      run: "01",
      pipeline: "a",
      ds: "2026-01-01",
      interval: DAY,
      trigger: "sensor",
      state: "running",
    },
    "● a 2026-01-01 running (event)  01",
  ],
  [
    {
      ...{ kind: "run", at: AT, run: "01", pipeline: "a", ds: "2026-01-01", trigger: "schedule", state: "running" },
      interval: { start: AT - 7_200_000, end: AT - 3_600_000 },
    },
    "● a 2026-01-01T22:00Z/2026-01-01T23:00Z running (schedule)  01",
  ],
  [
    {
      kind: "run",
      at: AT,
      run: "01",
      pipeline: "a",
      ds: "2026-01-01",
      interval: DAY,
      trigger: "manual",
      state: "success",
      durationMs: 2_200,
    },
    "✔ a 2026-01-01 success in 2.2 s  01",
  ],
  [
    {
      kind: "task",
      at: AT,
      run: "01",
      pipeline: "a",
      task: "load[3]",
      state: "retrying",
      attempt: 1,
      message: "no\nway",
      dueAt: AT + 30_000,
    },
    "↻ a › load[3] retrying in 30 s: no way  01",
  ],
  [
    { kind: "ticks_left_out", at: AT, pipeline: "a", schedule: "main", reason: "missed", from: AT, to: AT, ticks: 1 },
    `◌ a: 1 run missed, of ${formatInstant(AT)}`,
  ],
  [
    {
      kind: "ticks_left_out",
      at: AT,
      pipeline: "a",
      schedule: "b",
      reason: "calendar",
      from: AT,
      to: AT + 60_000,
      ticks: 2,
    },
    `◌ a b: 2 runs left out by its calendar, from ${formatInstant(AT)} to ${formatInstant(AT + 60_000)}`,
  ],
  [
    {
      ...{ kind: "late", at: AT, run: "01", pipeline: "a", task: "load", deadline: "by 08:00", dueAt: AT },
      waitsFor: ["extract runs", "pool api is full"],
    },
    "! a › load late (by 08:00): extract runs; pool api is full  01",
  ],
  [
    {
      ...{ kind: "schedule_set_aside", at: AT, pipeline: "a", schedule: "main", message: "no\nmoon", againAt: AT },
      location: { file: "pipelines/a.ts", line: 3 },
    },
    `✖ the schedule of a cannot be planned: no moon (pipelines/a.ts:3). Mend it and save. Tried again at ${formatInstant(AT)}, or with the next change of its file.`,
  ],
  [{ kind: "schedule_mended", at: AT, pipeline: "a", schedule: "b" }, "✔ the schedule of a b is planned again"],
  [
    { kind: "trouble", at: AT, message: "The database is away. Trying again." },
    "! The database is away. Trying again.",
  ],
] satisfies readonly (readonly [DevReport, string])[])("%j is one line", (report, line) => {
  expect(shown(report).replace(/^\S+ /, "")).toBe(line);
});

function shown(report: DevReport): string {
  return devText(report, new RecordedOutput());
}
