import { expect, test } from "vitest";
import { envelope, field, testProject } from "../cli-for-tests.ts";

const SALES = `
import { cron, pipeline } from "batuta";
import { child, shell } from "batuta/tasks";
import { z } from "zod";

export const sales = pipeline("sales", { schedule: cron("0 6 * * *", { timezone: "Europe/Berlin" }) }, ({ task }) => {
  task("see", ({ interval, ds, prev, next, run, log }) => {
    const { success } = prev;
    log.info(JSON.stringify({ ds, start: interval.start, partial: interval.partial, run: run.schedule,
      prev: prev.ds, before: prev.interval?.end, next: next.ds, success: success?.ds, since: success?.end }));
  });
  task("shell", shell\`echo "$BATUTA_DS_NODASH $BATUTA_TS $BATUTA_TS_NODASH" \\
    "$BATUTA_SCHEDULE $BATUTA_INTERVAL_PARTIAL [$BATUTA_PREV_SUCCESS_DS] [$BATUTA_PREV_SUCCESS_END]"\`);
  task("text", shell\`echo {{ prev_data_interval_end_success or data_interval_start }} {{ prev.ds }} {{ next_ds }}\`);
  task("call", child("report", { params: { since: "{{ prev.success.end or interval.start }}" } }));
});

export const report = pipeline("report", {
  schedule: cron("@daily"),
  params: z.object({ since: z.string().default("") }),
}, ({ task }) => {
  task("show", ({ interval, params, run, prev, next, log }) =>
    log.info(JSON.stringify({ start: interval.start, since: params.since, schedule: run.schedule ?? null,
      prev: prev.ds ?? null, success: prev.success?.ds ?? null, next: next.ds ?? null })));
});
`;

test("TI-2: tasks of all kinds see the interval, the steps beside it, and the success before it", async () => {
  const project = testProject({ "pipelines/sales.ts": SALES });
  const ran = async (date: string): Promise<string> => {
    const run = await project.batuta("run", "sales", "--date", date, "--json");
    expect(envelope(run)).toMatchObject({ data: { state: "success" } });
    return String(field(envelope(run), "data", "id"));
  };
  const logged = async (run: string, task: string): Promise<string> => (await project.batuta("logs", run, task)).stdout;
  const first = await ran("2026-01-02");
  const start = "2026-01-02T05:00:00.000Z";
  expect(await logged(first, "see")).toContain(
    JSON.stringify({
      ...{
        ds: "2026-01-02",
        start,
        partial: false,
        run: "main",
        prev: "2026-01-01",
        before: start,
        next: "2026-01-03",
      },
    }),
  );
  expect(await logged(first, "shell")).toContain(`20260102 ${start} 20260102T050000 main false [] []`);
  expect(await logged(first, "text")).toContain(`${start} 2026-01-01 2026-01-03`);
  const second = await ran("2026-01-04");
  const since = "2026-01-03T05:00:00.000Z";
  expect(await logged(second, "see")).toContain(JSON.stringify({ success: "2026-01-02", since }).slice(1, -1));
  expect(await logged(second, "shell")).toContain(`[2026-01-02] [${since}]`);
  expect(await logged(second, "text")).toContain(`${since} 2026-01-03 2026-01-05`);
  // What lies later does not count, however new it is.
  expect(await logged(await ran("2026-01-03"), "text")).toContain(`${since} 2026-01-02`);
});

test("TI-2: a child works on the interval of its parent, and on no schedule of its own", async () => {
  const project = testProject({ "pipelines/sales.ts": SALES });
  for (const [date, success] of [
    ["2026-01-02", null],
    ["2026-01-04", "2026-01-02"],
  ]) {
    await project.batuta("run", "sales", "--date", date ?? "", "--json");
    const start = `${date}T05:00:00.000Z`;
    const since = success === null ? start : "2026-01-03T05:00:00.000Z";
    const [run] = rowsOf(envelope(await project.batuta("runs", "report", "--limit", "1", "--json")));
    expect(run).toMatchObject({ ds: date, interval: { start }, trigger: "api", timezone: "Europe/Berlin" });
    expect(run).not.toHaveProperty("schedule");
    expect((await project.batuta("logs", String(field(run, "id")), "show")).stdout).toContain(
      JSON.stringify({ start, since, schedule: null, prev: null, success, next: null }),
    );
  }
});

test("TI-1, TI-2: every view of a run shows its interval, its schedule and the zone of its date", async () => {
  const project = testProject({ "pipelines/sales.ts": SALES });
  const asked = "2026-01-02T05:00Z/2026-01-03T05:00Z";
  const run = await project.batuta("run", "sales", "--interval", asked, "--task", "shell", "--json");
  const work = {
    interval: { start: "2026-01-02T05:00:00.000Z", end: "2026-01-03T05:00:00.000Z" },
    ...{ ds: "2026-01-02", schedule: "main", timezone: "Europe/Berlin", trigger: "manual" },
  };
  expect(envelope(run)).toMatchObject({ data: work });
  expect(rowsOf(envelope(await project.batuta("runs", "sales", "--json")))).toMatchObject([work]);
  expect(envelope(await project.batuta("show", "--run", "latest", "--json"))).toMatchObject({ data: { run: work } });
});

test("TI-2: a run that repeats another keeps its interval and its schedule", async () => {
  const project = testProject({ "pipelines/sales.ts": SALES });
  const first = await project.batuta("run", "sales", "--date", "2026-01-02", "--json");
  await project.batuta("retry", String(field(envelope(first), "data", "id")), "--newest", "--quiet");
  const runs = rowsOf(envelope(await project.batuta("runs", "sales", "--json")));
  const work = { ds: "2026-01-02", schedule: "main", interval: { start: "2026-01-02T05:00:00.000Z" } };
  expect(runs).toMatchObject([work, work]);
});

function rowsOf(answer: unknown): readonly unknown[] {
  const data = field(answer, "data");
  return Array.isArray(data) ? data : [];
}

test("TI-2: a run of an interval that is not over says so", async () => {
  const project = testProject({ "pipelines/sales.ts": SALES });
  const early = await project.batuta("run", "report", "--date", "2999-01-01", "--json");
  expect(envelope(early)).toMatchObject({
    data: { state: "success", ds: "2999-01-01" },
    warnings: ["Its interval ends at 2999-01-02T00:00:00Z: what comes until then it cannot see."],
  });
  expect(envelope(await project.batuta("run", "report", "--json"))).toMatchObject({ warnings: [] });
});
