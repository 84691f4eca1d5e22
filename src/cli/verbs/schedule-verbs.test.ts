import { basename, join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { plainTask } from "../../core/plain-task-for-tests.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { systemClock } from "../../ports/clock.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import { envelope, field, type RunningCommand, type TestProject, testProject } from "../cli-for-tests.ts";

/** Fires so seldom that no test is run across a tick. */
const YEARLY = `
import { cron, pipeline } from "batuta";
export default pipeline("yearly", { schedule: cron("0 0 1 1 *") }, ({ task }) => { task("a", () => 1); });
`;

test("list, why and runs tell when a pipeline runs next, or why not", async () => {
  const project = testProject({ "pipelines/yearly.ts": YEARLY });
  expect((await project.batuta("list")).code).toBe(0);
  await deploy(project, { kind: "cron", expression: "0 0 1 1 *" });

  expect((await project.batuta("list")).stdout).toMatch(/^yearly +1 .*-01-01 .*00:00:00/m);
  const next = `${new Date(systemClock.wall()).getUTCFullYear() + 1}-01-01T00:00:00.000Z`;
  expect(envelope(await project.batuta("list", "--json"))).toMatchObject({
    data: [{ name: "yearly", nextRunAt: next, deployed: [{ name: "main", generation: 1, nextRunAt: next }] }],
  });
  const why = await project.batuta("why", "yearly");
  expect(why.stdout).toMatch(/^yearly has never run .*\nSchedule main \(0 0 1 1 \*, UTC\) makes its next run at /s);
  expect(why.stdout).toContain("Nothing fires it now: no batuta dev is running here.");

  await project.batuta("pause", "yearly", "--reason", "Bad data.");
  expect((await project.batuta("why", "yearly")).stdout).toMatch(
    /waits: cli:tester has paused its pipeline at .*: Bad data\./,
  );
  expect((await project.batuta("list")).stdout).toContain("paused by cli:tester");
  await project.batuta("unpause", "yearly");

  await project.batuta("run", "yearly", "--quiet");
  const both = await project.batuta("why", "yearly");
  expect(both.stdout).toMatch(/Everything in it succeeded\.\n\nSchedule main /);
  expect((await project.batuta("runs")).stdout).toMatch(/Z\/\d{4}-01-01T00:00Z +main/);
});

test("a schedule that cannot be planned is told by list and why, with its error", async () => {
  const project = testProject({ "pipelines/yearly.ts": YEARLY });
  await project.batuta("list");
  await deploy(project, { kind: "cron", expression: "no cron" });
  const list = await project.batuta("list");
  expect(list.stdout).toMatch(/^yearly .* error /m);
  expect(list.stderr).toContain("warning: yearly: Schedule main (no cron, UTC) cannot be planned since");
  expect((await project.batuta("why", "yearly")).stdout).toMatch(/cannot be planned since .*\n.*\n {2}Tried once/);
});

/** As `batuta dev` does it, and looks once. */
async function deploy(project: TestProject, timing: ScheduleSpec["timing"]): Promise<void> {
  const store = openSqliteStore({ path: join(project.dir, ".batuta", "batuta.db"), clock: systemClock });
  onTestFinished(() => store.close());
  const location = { file: "pipelines/yearly.ts", line: 3 };
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
  const pipeline = { name: "yearly", location, tags: [], timezone: "UTC", schedules, tasks, graphHash: "h" };
  const name = basename(project.dir);
  await store.saveVersion({ hash: "v", project: name, manifest: { format: 1, pipelines: [pipeline] } });
  await store.deploy({ project: name, versionHash: "v", actor: "tester" });
  await store.fireSchedules();
}

test("a pipeline that has never run is told apart from one that does not exist, with what would start it", async () => {
  const nightly = YEARLY.replace('"yearly"', '"nightly"').replace('cron("0 0 1 1 *")', "[]");
  const project = testProject({ "pipelines/yearly.ts": YEARLY, "pipelines/nightly.ts": nightly });
  const { stdout } = await project.batuta("why", "yearly");
  expect(stdout).toMatch(/^yearly has never run \(pipelines\/yearly\.ts:3\)\.\nIt is not deployed: .*dev deploys it/);
  expect(stdout).toMatch(
    /\nSchedule main \(0 0 1 1 \*, UTC\) would make its first run at .*\nStart it by hand: .*run yearly\n$/,
  );
  expect((await project.batuta("why", "nightly")).stdout).toContain("It has neither a schedule nor a trigger.");
  expect(envelope(await project.batuta("why", "yearly", "--json"))).toMatchObject({
    data: { pipeline: "yearly", neverRan: true, isDeployed: false },
  });
  const cancel = await project.batuta("cancel", "yearly");
  expect([cancel.code, cancel.stderr]).toEqual([3, expect.stringContaining('Pipeline "yearly" has never run.')]);
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
  // Which of the two is looked at first is nobody's promise.
  await dev.says('"kind":"schedule_set_aside"');
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
