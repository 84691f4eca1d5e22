import { basename, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { plainTask } from "../../core/plain-task-for-tests.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { systemClock } from "../../ports/clock.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import { envelope, field, type RunningCommand, type TestProject, testProject } from "../cli-for-tests.ts";

const HOURLY = `
import { every, pipeline } from "batuta";
export default pipeline("hourly", { schedule: every("1h") }, ({ task }) => { task("a", () => 1); });
`;

test("list, why and runs tell when a pipeline runs next, or why not", async () => {
  const project = testProject({ "pipelines/hourly.ts": HOURLY });
  expect((await project.batuta("list")).code).toBe(0);
  await deploy(project, { kind: "every", ms: 3_600_000 });

  expect((await project.batuta("list")).stdout).toMatch(/^hourly +1 .*\d\d:00:00/m);
  const next = new Date((Math.floor(systemClock.wall() / 3_600_000) + 1) * 3_600_000).toISOString();
  expect(envelope(await project.batuta("list", "--json"))).toMatchObject({
    data: [{ name: "hourly", nextRunAt: next, deployed: [{ name: "main", generation: 1, nextRunAt: next }] }],
  });
  const why = await project.batuta("why", "hourly");
  expect(why.stdout).toMatch(/^hourly has never run .*\nSchedule main \(every 1h, UTC\) makes its next run at /s);
  expect(why.stdout).toContain("Nothing fires it now: no batuta dev is running here.");

  await project.batuta("pause", "hourly", "--reason", "Bad data.");
  expect((await project.batuta("why", "hourly")).stdout).toMatch(
    /waits: cli:tester has paused its pipeline at .*: Bad data\./,
  );
  expect((await project.batuta("list")).stdout).toContain("paused by cli:tester");
  await project.batuta("unpause", "hourly");

  await project.batuta("run", "hourly", "--quiet");
  const both = await project.batuta("why", "hourly");
  expect(both.stdout).toMatch(/Everything in it succeeded\.\n\nSchedule main /);
  expect((await project.batuta("runs")).stdout).toMatch(/Z\/\d{4}-\d\d-\d\dT\d\d:00Z +main/);
});

test("a schedule that cannot be planned is told by list and why, with its error", async () => {
  const project = testProject({ "pipelines/hourly.ts": HOURLY });
  await project.batuta("list");
  await deploy(project, { kind: "cron", expression: "no cron" });
  const list = await project.batuta("list");
  expect(list.stdout).toMatch(/^hourly .* error /m);
  expect(list.stderr).toContain("warning: hourly: Schedule main (no cron, UTC) cannot be planned since");
  expect((await project.batuta("why", "hourly")).stdout).toMatch(/cannot be planned since .*\n.*\n {2}Tried once/);
});

/** As `batuta dev` does it, and looks once. */
async function deploy(project: TestProject, timing: ScheduleSpec["timing"]): Promise<void> {
  const store = openSqliteStore({ path: join(project.dir, ".batuta", "batuta.db"), clock: systemClock });
  onTestFinished(() => store.close());
  const location = { file: "pipelines/hourly.ts", line: 3 };
  const usual = {
    name: "main",
    timezone: "UTC",
    catchUp: "latest",
    graceMs: 600_000,
    enabled: true,
    params: {},
  } as const;
  const schedules = [{ ...usual, timing }];
  const tasks = [plainTask("a", { location })];
  const pipeline = { name: "hourly", location, tags: [], timezone: "UTC", schedules, tasks, graphHash: "h" };
  const name = basename(project.dir);
  await store.saveVersion({ hash: "v", project: name, manifest: { format: 1, pipelines: [pipeline] } });
  await store.deploy({ project: name, versionHash: "v", actor: "tester" });
  await store.fireSchedules();
}

test("a pipeline that has never run is told apart from one that does not exist, with what would start it", async () => {
  const nightly = HOURLY.replace('"hourly"', '"nightly"').replace('every("1h")', "[]");
  const project = testProject({ "pipelines/hourly.ts": HOURLY, "pipelines/nightly.ts": nightly });
  const { stdout } = await project.batuta("why", "hourly");
  expect(stdout).toMatch(/^hourly has never run \(pipelines\/hourly\.ts:3\)\.\nIt is not deployed: .*dev deploys it/);
  expect(stdout).toMatch(
    /\nSchedule main \(every 1h, UTC\) would make its first run at .*\nStart it by hand: .*run hourly\n$/,
  );
  expect((await project.batuta("why", "nightly")).stdout).toContain("It has neither a schedule nor a trigger.");
  expect(envelope(await project.batuta("why", "hourly", "--json"))).toMatchObject({
    data: { pipeline: "hourly", neverRan: true, isDeployed: false },
  });
  const cancel = await project.batuta("cancel", "hourly");
  expect([cancel.code, cancel.stderr]).toEqual([3, expect.stringContaining('Pipeline "hourly" has never run.')]);
  expect((await project.batuta("why", "monthly")).stderr).toContain("There are no runs yet");
});

const TIDES = `
import { pipeline, timetable } from "batuta";
const next = (after: Date) => { return new Date(after.getTime() + 1_000); };
export default pipeline("tides", { schedule: timetable(next, { catchUp: "all" }) }, ({ task }) => { task("a", () => 1); });
`;

test("a schedule by a function fires under batuta dev; one whose function throws is told by dev and list, and stops no other", async () => {
  const thrown = TIDES.replace('"tides"', '"broken"').replace(
    "return new Date",
    'throw new Error("no moon"); return new Date',
  );
  const project = testProject({ "pipelines/tides.ts": TIDES, "pipelines/broken.ts": thrown });
  const dev = project.start(["dev", "--json"]);
  await dev.says('"kind":"started"');
  const isDone = async () =>
    expect((await project.batuta("runs", "tides", "--state", "success")).stdout).toContain("tides");
  await vi.waitFor(isDone, { timeout: 60_000, interval: 200 });
  const list = await project.batuta("list");
  expect(list.stderr).toContain("no moon");
  expect(list.stdout).toMatch(/^broken .* error /m);
  const told = reportsOf(dev, "schedule_set_aside");
  expect(told).toMatchObject([
    { pipeline: "broken", schedule: "main", message: "no moon", location: { file: "pipelines/broken.ts", line: 3 } },
  ]);
  project.write("pipelines/broken.ts", TIDES.replace('"tides"', '"broken"'));
  await dev.says('"kind":"schedule_mended"');
  expect(reportsOf(dev, "schedule_mended")).toMatchObject([{ pipeline: "broken", schedule: "main" }]);
  dev.child.kill("SIGINT");
  expect((await dev.ended).code).toBe(0);
});

/** Those of one kind that a `batuta dev --json` has told so far. */
function reportsOf(dev: RunningCommand, kind: string): readonly unknown[] {
  const lines = dev.said().split("\n").slice(0, -1);
  const reports = lines.flatMap((line): readonly unknown[] => (line.startsWith("{") ? [JSON.parse(line)] : []));
  return reports.filter((report) => field(report, "kind") === kind);
}
