import { expect, test } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { envelope, field, testProject } from "../cli-for-tests.ts";

const SHOP = `
import { cron, pipeline } from "batuta";

export const quick = pipeline("quick", { schedule: cron("0 * * * *") }, ({ task }) => void task("count", () => 1));

export const slow = pipeline("slow", { schedule: cron("30 * * * *"), deadline: "15m" }, ({ task }) => {
  task("load", { pool: "db" }, () => 1);
});

export const other = pipeline("other", { schedule: cron("30 * * * *") }, ({ task }) => {
  task("load", { pool: "db" }, () => 1);
});
`;

test("batuta timeline shows what will run by schedules and recorded durations, collisions and late deadlines", async () => {
  const project = testProject({ "pipelines/shop.ts": SHOP, "batuta.json": '{"pools":{"db":1}}' });
  await project.batuta("run", "quick", "--quiet");
  // Neither end on a tick.
  const tomorrow = new Date(systemClock.wall() + 86_400_000).toISOString().slice(0, 10);
  const window = ["--from", `${tomorrow}T00:15Z`, "--hours", "2", "--assume", "20m"];
  const answer = await project.batuta("timeline", ...window, "--json");
  const report = envelope(answer);
  const runs = rows(field(report, "data", "runs"));
  const of = (name: string) => runs.filter((run) => field(run, "pipeline") === name);
  expect([of("quick").length, of("slow").length, of("other").length]).toEqual([2, 2, 2]);
  // It has run before: what it took then counts, and not what is assumed.
  expect(of("quick").every((run) => Number(field(run, "takesMs")) < 60_000)).toBe(true);
  expect(field(report, "data", "assumed")).toEqual(["other/load", "slow/load"]);
  const [collision] = rows(field(report, "data", "collisions"));
  expect(collision).toMatchObject({ limit: "pool:db", slots: 1, waiting: [{ task: "load", ms: 20 * 60_000 }] });
  expect(rows(field(report, "data", "deadlines"))[0]).toMatchObject({
    pipeline: "slow",
    deadline: "within 15 min 00 s",
  });
  const { code, stdout, stderr } = await project.batuta("timeline", ...window);
  expect([code, stderr]).toEqual([0, expect.stringContaining("Nothing is deployed yet")]);
  expect(stdout).toMatch(/PIPELINE +DUE +START +END +TAKES +WAITS/);
  expect(stdout).toMatch(/pool db \(1\) is full; \w+\/load 20 min 00 s wait/);
  expect(stdout).toMatch(/slow of \d{4}-\d{2}-\d{2}, within 15 min 00 s/);
});

test("runs in one line that end on another day say on which", async () => {
  const project = testProject({ "pipelines/shop.ts": SHOP });
  const { stdout } = await project.batuta("timeline", "--hours", "49", "--assume", "1m");
  expect(stdout).toMatch(/^quick ×49 +(\d{4}-\d{2}-\d{2}) \d\d:00 +\d\d:00:\d\d +(?!\1)\d{4}-\d{2}-\d{2} \d\d:01 /m);
});

test("what --from, --assume and --hours cannot be is refused with what they can", async () => {
  const project = testProject({ "pipelines/shop.ts": SHOP });
  for (const [args, told] of [
    [["--from", "2020-01-01"], "within the next 7 days"],
    [["--from", "tomorrow"], "no moment"],
    [["--assume", "long"], "--assume 90s"],
    [["--hours", "1000"], "--hours"],
  ] as const) {
    const { code, stderr } = await project.batuta("timeline", ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
  }
});

function rows(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
