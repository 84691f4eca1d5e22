import { describe, expect, it } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { envelope, field, testProject } from "../cli-for-tests.ts";

const SALES = `import { continuous, cron, every, pipeline } from "batuta";

export default pipeline("sales", {
  schedule: [
    cron("0 9 * * *", {
      name: "morning",
      timezone: "Europe/Zurich",
      windows: [{ days: "mon-fri" }],
      calendar: "calendars/ch.json",
      jitter: "5m",
    }),
    every("12h", { name: "sweep", enabled: false }),
    continuous({ name: "stream" }),
  ],
}, ({ task }) => {
  task("a", () => 1);
});
`;
const FILES = {
  "pipelines/sales.ts": SALES,
  "pipelines/plain.ts":
    'import { pipeline } from "batuta";\nexport default pipeline("plain", ({ task }) => { task("a", () => 1); });\n',
  "calendars/ch.json": '["2024-01-02"]',
};
const ZURICH = ["--timezone", "Europe/Zurich"];

describe("batuta preview", () => {
  it("does not say that nothing fires where only a run, or a function, tells when it does", async () => {
    const { stdout } = await testProject().batuta("preview", "@continuous");
    expect(stdout).toMatch(/^Schedule main fires when its last run has ended/);
    expect(stdout).not.toContain("Nothing fires");
    expect((await testProject().batuta("preview", "@once")).stdout).toBe(
      "Schedule main fires once, when it is deployed first.\n",
    );
  });

  it("TI-9, DST-3: shows the intervals from a ds on, with fire times and notes, without any project", async () => {
    const project = testProject();
    const args = ["preview", "0 2 * * *", ...ZURICH, "--from", "2023-10-27", "--count", "4"];
    const { code, stdout, stderr } = await project.batuta(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^DS +FIRES \(Europe\/Zurich\) +UTC +INTERVAL/);
    expect(lines[1]).toMatch(/^2023-10-27 +Sat 2023-10-28 02:00 \+02:00 +2023-10-28T00:00Z/);
    expect(lines[3]).toMatch(/^2023-10-29 +Mon 2023-10-30 02:00 \+01:00 +2023-10-30T01:00Z/);

    const data = field(envelope(await project.batuta(...args, "--json")), "data");
    expect(data).toMatchObject({
      schedules: [{ name: "main", timing: "0 2 * * *", timezone: "Europe/Zurich" }],
      ticks: [
        {
          at: "2023-10-28T00:00:00.000Z",
          ds: "2023-10-27",
          interval: span("2023-10-27T00", "2023-10-28T00"),
          notes: [],
        },
        {
          at: "2023-10-29T00:00:00.000Z",
          interval: span("2023-10-28T00", "2023-10-29T00"),
          notes: [{ kind: "fold", text: "02:00 comes twice on 2023-10-29: it fires at the first" }],
        },
        {
          at: "2023-10-30T01:00:00.000Z",
          interval: span("2023-10-29T00", "2023-10-30T01"),
          notes: [{ kind: "length", text: "an interval of 25 hours: the clocks go back on 2023-10-29" }],
        },
        { at: "2023-10-31T01:00:00.000Z", interval: span("2023-10-30T01", "2023-10-31T01"), notes: [] },
      ],
      heldBack: [],
      notes: [],
    });
  });

  it("TI-9: takes both ends of a range by ds, and moments as they are", async () => {
    const project = testProject();
    const dates = await project.batuta("preview", "@daily", "--from", "2024-02-28", "--to", "2024-03-01", "--json");
    expect(dsOf(dates)).toEqual(["2024-02-28", "2024-02-29", "2024-03-01"]);
    const moments = ["--from", "2024-01-01T00:05Z", "--to", "2024-01-01T00:30Z"];
    const steps = await project.batuta("preview", "every 10m", ...moments, "--json");
    expect(field(envelope(steps), "data", "ticks")).toMatchObject([
      { interval: span("2024-01-01T00:10", "2024-01-01T00:20") },
      { interval: span("2024-01-01T00:20", "2024-01-01T00:30") },
    ]);
  });

  it("goes on from now when nothing is said, with ten ticks", async () => {
    const found = field(envelope(await testProject().batuta("preview", "@hourly", "--json")), "data", "ticks");
    expect(found).toHaveLength(10);
    expect(Date.parse(String(field(found, 0, "at")))).toBeGreaterThan(systemClock.wall() - 3_600_000);
  });

  it("TI-5, TI-8: shows all schedules of a pipeline, what a calendar holds back, and what has no times", async () => {
    const project = testProject(FILES);
    const range = ["--from", "2023-12-29", "--to", "2024-01-02"];
    const data = field(
      envelope(await project.batuta("preview", "sales", "--schedule", "mor", ...range, "--json")),
      "data",
    );
    expect(data).toMatchObject({
      ticks: [{ schedule: "morning", at: "2024-01-01T08:00:00.000Z" }, { at: "2024-01-03T08:00:00.000Z" }],
      heldBack: [
        {
          from: "2023-12-30T08:00:00.000Z",
          to: "2023-12-31T08:00:00.000Z",
          count: 2,
          why: "outside the windows of the schedule",
        },
        { from: "2024-01-02T08:00:00.000Z", count: 1, why: "2024-01-02 is a holiday of the business calendar" },
      ],
      notes: ["Runs of schedule morning start up to 5 min 00 s after these times."],
    });
    const { stdout } = await project.batuta(
      "preview",
      "pipelines/sales.ts",
      "--from",
      "2024-01-01",
      "--to",
      "2024-01-01",
    );
    expect(stdout).toMatch(/^SCHEDULE +DS/);
    expect(stdout).toMatch(/sweep +2024-01-01 +Mon 2024-01-01 12:00 \+00:00/);
    expect(stdout).toMatch(/morning +– +Tue 2024-01-02 09:00 \+01:00 .*holiday/);
    expect(stdout).toContain("Schedule sweep is off.");
    expect(stdout).toContain("Schedule stream fires when its last run has ended");
  });

  it("refuses what is wrong, with the remedy", async () => {
    const project = testProject(FILES);
    const cases = [
      [["0 25 * * *"], 2, "The hour of the schedule"],
      [["0 0 30 2 *"], 2, "never fires"],
      [[""], 2, "The schedule to show is empty"],
      [["@dayly"], 2, 'Did you mean "@daily"?'],
      [["every fortnight"], 2, "not a length of time"],
      [["@daily", "--timezone", "Europe/Zürich"], 2, "is not a time zone"],
      [["@daily", "--from", "tomorrow"], 2, "--from tomorrow is no date"],
      [["@daily", "--from", "2024-02-30"], 2, "--from 2024-02-30 is no date"],
      [["@daily", "--from", "2024-02-02", "--to", "2024-02-01"], 2, "--to 2024-02-01 lies before --from 2024-02-02"],
      [["@daily", "--to", "2024-02-01"], 2, "lies before the next tick"],
      [["@daily", "--count", "0"], 2, "--count 0"],
      [["@daily", "--schedule", "main"], 2, "--schedule names a schedule of a pipeline"],
      [["sales", "--timezone", "UTC"], 2, "--timezone is for expressions"],
      [["sales", "--schedule", "evening"], 3, "There is no schedule"],
      [["plain"], 3, "has no schedule"],
      [["slaes"], 3, 'Did you mean "sales"?'],
    ] as const;
    for (const [args, code, said] of cases) {
      const result = await project.batuta("preview", ...args);
      expect(result.stderr, args.join(" ")).toContain(said);
      expect(result.stderr, args.join(" ")).toContain("hint:");
      expect(result, args.join(" ")).toMatchObject({ code, stdout: "" });
    }
  });
});

function span(start: string, end: string): object {
  const iso = (text: string): string => new Date(`${text}${text.length === 13 ? ":00" : ""}Z`).toISOString();
  return { start: iso(start), end: iso(end) };
}

function dsOf(result: Parameters<typeof envelope>[0]): unknown {
  const ticks = field(envelope(result), "data", "ticks");
  return Array.isArray(ticks) ? ticks.map((tick) => field(tick, "ds")) : ticks;
}
