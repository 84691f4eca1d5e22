import { describe, expect, test } from "vitest";
import * as z from "zod";
import { errorOf } from "./definition-for-tests.ts";
import { pipeline } from "./pipeline.ts";
import { continuous, cron, every, once, type Schedule, timetable } from "./schedule.ts";

const task = (schedule: unknown, params?: z.ZodObject) =>
  pipeline("sales", { schedule: schedule as Schedule, ...(params === undefined ? {} : { params }) }, ({ task }) => {
    task("a", () => 1);
  });
const only = (schedule: Schedule) => task(schedule).spec.schedules?.[0];

describe("TI-1: every", () => {
  test.each([
    ["10m", { kind: "every", ms: 600_000 }],
    ["10s", { kind: "every", ms: 10_000 }],
    ["24 hours", { kind: "every", ms: 86_400_000 }],
    ["1h 30m", { kind: "every", ms: 5_400_000 }],
    ["90 Minutes", { kind: "every", ms: 5_400_000 }],
    ["1 day", { kind: "every_days", days: 1 }],
    ["1d", { kind: "every_days", days: 1 }],
    ["2 weeks", { kind: "every_days", days: 14 }],
  ])("%s", (step, timing) => {
    expect(only(every(step))?.timing).toEqual(timing);
  });

  test("an anchor is a moment of the local clocks, or of any", () => {
    const zurich = { timezone: "Europe/Zurich" };
    const at = (anchor: string) => every("10m", { anchor, ...zurich }).timing;
    expect(at("2024-01-05T09:00")).toMatchObject({ anchor: Date.parse("2024-01-05T08:00Z") });
    expect(at("2024-01-05T09:00Z")).toMatchObject({ anchor: Date.parse("2024-01-05T09:00Z") });
    expect(at("2024-01-05")).toMatchObject({ anchor: Date.parse("2024-01-04T23:00Z") });
  });

  test.each([
    ["1d 12h", /days and parts of days/, /every\("36h"\)/],
    ["1.5 days", /days and parts of days/, /every\("36h"\)/],
    ["0 days", /0 days/, /from 1 to/],
    ["999ms", /999ms/, /a second or longer/],
    ["0s", /0s/, /a second or longer/],
    ["1 month", /not a length of time/, /Write it like/],
    ["", /not a length of time/, /Write it like/],
    [600, /is 600/, /in quotes/],
  ])("%j is none", (step, message, hint) => {
    const error = errorOf(() => every(step as string));
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });
});

test("the other timings, by function and by name", () => {
  expect(only(once({ start: "2024-06-01T06:00", timezone: "Europe/Zurich" }))).toMatchObject({
    timing: { kind: "once" },
    start: { kind: "instant", at: Date.parse("2024-06-01T04:00Z") },
  });
  expect(only(cron("@once"))?.timing).toEqual({ kind: "once" });
  expect(only(continuous({ gap: "30s" }))).toMatchObject({
    timing: { kind: "continuous", gapMs: 30_000 },
    catchUp: "coalesce",
  });
  const nights = { windows: [{ from: "22:00", to: "06:00" }] };
  expect(only(continuous(nights))?.filter).toEqual({ windows: [{ fromMinute: 1_320, toMinute: 360 }] });
  expect(only(cron("@Continuous"))?.timing).toEqual({ kind: "continuous", gapMs: 1_000 });
});

test("a timetable is code: the manifest has its name, the definition its function", () => {
  const moon = new Date("2024-01-11");
  const { spec, timetables } = task(timetable(() => moon, { name: "moons", timezone: "Asia/Tokyo" }));
  expect(spec.schedules).toMatchObject([{ name: "moons", timezone: "Asia/Tokyo", timing: { kind: "code" } }]);
  expect(JSON.parse(JSON.stringify(spec.schedules))).toEqual(spec.schedules);
  expect(timetables?.get("moons")?.(new Date(0))).toBe(moon);
  expect(errorOf(() => timetable("0 6 * * *" as never)).message).toContain("no function");
});

test("all that may be said of a schedule is plain data in the manifest", () => {
  const schedule = cron("0 9 * * *", {
    name: "morning",
    timezone: "Europe/Berlin",
    start: "2024-01-01",
    end: "2024-12-31T12:00Z",
    jitter: "5m",
    catchUp: { max: 3 },
    grace: "1h",
    enabled: false,
    windows: [{ days: "mon-fri", from: "08:00", to: "18:00" }, { days: "sat,sun" }],
    blackout: ["2024-12-24", "2024-12-30/2025-01-02"],
    calendar: "./calendars/de.json",
  });
  expect(task(schedule).spec.schedules).toEqual([
    {
      name: "morning",
      timezone: "Europe/Berlin",
      timing: { kind: "cron", expression: "0 9 * * *" },
      start: { kind: "date", date: "2024-01-01" },
      end: { kind: "instant", at: Date.parse("2024-12-31T12:00Z") },
      filter: {
        windows: [
          { days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1_080 },
          { days: [0, 6], fromMinute: 0, toMinute: 1_440 },
        ],
        blackout: [
          { from: "2024-12-24", to: "2024-12-24" },
          { from: "2024-12-30", to: "2025-01-02" },
        ],
        calendar: "calendars/de.json",
      },
      jitterMs: 300_000,
      catchUp: { max: 3 },
      graceMs: 3_600_000,
      enabled: false,
      params: {},
    },
  ]);
});

test.each([
  ["fri-mon", [0, 1, 5, 6]],
  ["sun", [0]],
  ["MON, wed-thu", [1, 3, 4]],
])("days %s", (days, expected) => {
  expect(cron("@daily", { windows: [{ days }] }).filter?.windows?.[0]?.days).toEqual(expected);
});

describe("TI-5: several schedules", () => {
  test("each has a name; the zone of the first is the pipeline's", () => {
    const { spec } = task([
      cron("0 6 * * *", { name: "eu", timezone: "Europe/Berlin" }),
      cron("0 6 * * *", { name: "us", timezone: "America/New_York" }),
    ]);
    expect(spec.schedules?.map(({ name }) => name)).toEqual(["eu", "us"]);
    expect(spec.timezone).toBe("Europe/Berlin");
    expect(task([]).spec).not.toHaveProperty("schedules");
  });

  test("two with one name are refused at the second", () => {
    const error = errorOf(() => task([cron("@daily"), every("1h")]));
    expect(error.message).toContain('are called "main"');
    expect(error.hint).toContain("name:");
  });
});

describe("parameters of a schedule", () => {
  const schema = z.object({ region: z.enum(["eu", "us"]), limit: z.number().default(10) });

  test("are completed by the pipeline's schema", () => {
    expect(task(cron("@daily", { params: { region: "eu" } }), schema).spec.schedules?.[0]?.params).toEqual({
      region: "eu",
      limit: 10,
    });
  });

  test.each([
    [{}, /region/],
    [{ region: "mars" }, /region/],
    [{ region: "eu", limit: "many" }, /limit/],
  ])("%j are an error at the schedule", (params, message) => {
    const error = errorOf(() => task(cron("@daily", { params }), schema));
    expect(error.message).toMatch(message);
    expect(error.hint).toContain("params");
  });

  test("that the pipeline does not take are an error", () => {
    expect(errorOf(() => task(cron("@daily", { params: { regoin: "eu" } }))).message).toContain("regoin");
  });

  test("may be asked for again, to see whether they are the same", () => {
    let count = 0;
    const counting = z.object({ number: z.number().default(() => ++count) });
    const definition = task(cron("@daily"), counting);
    const first = definition.spec.schedules?.[0]?.params;
    expect(first).toEqual({ number: expect.any(Number) });
    expect(definition.parseScheduleParams?.()).toEqual([{ number: count }]);
    expect(first).not.toEqual({ number: count });
  });
});

test.each<[string, () => unknown, RegExp, RegExp]>([
  ["unknown zone", () => cron("@daily", { timezone: "Europe/Berln" }), /Europe\/Berln/, /Europe\/Berlin/],
  ["zone that is none", () => every("1h", { timezone: 1 as never }), /timezone/, /quotes/],
  ["unknown option", () => cron("@daily", { jiter: "5m" } as never), /`jiter`/, /`jitter`/],
  ["option of another kind", () => once({ windows: [] } as never), /`windows`/, /Known options/],
  ["anchor of cron", () => cron("@daily", { anchor: "2024-01-01" } as never), /`anchor`/, /calendar|Known/],
  ["jitter of @continuous", () => cron("@continuous", { jitter: "5m" }), /`jitter`/, /Known options/],
  ["name", () => cron("@daily", { name: "a b" }), /"a b"/, /letters/],
  ["start", () => cron("@daily", { start: "tomorrow" }), /"tomorrow"/, /2024-01-31/],
  ["start as Date", () => cron("@daily", { start: new Date(0) as never }), /`start`/, /2024-01-31/],
  ["30 February", () => cron("@daily", { end: "2024-02-30" }), /2024-02-30/, /2024-01-31/],
  ["end before start", () => cron("@daily", { start: "2024-02-02", end: "2024-02-01" }), /lies before/, /Exchange/],
  [
    "end before start, by clocks",
    () => cron("@daily", { start: "2024-02-01T08:00", end: "2024-02-01T06:59Z", timezone: "Europe/Berlin" }),
    /lies before/,
    /Exchange/,
  ],
  ["catchUp", () => cron("@daily", { catchUp: "newest" as never }), /"newest"/, /latest, none, all/],
  ["catchUp max", () => cron("@daily", { catchUp: { max: 0 } }), /`max`/, /whole number/],
  ["grace", () => cron("@daily", { grace: "soon" }), /grace/, /250ms/],
  ["jitter of two days", () => cron("@daily", { jitter: "2d" }), /jitter/, /from 0 ms/],
  ["enabled", () => cron("@daily", { enabled: "no" as never }), /enabled/, /true or false/],
  ["params", () => cron("@daily", { params: ["eu"] as never }), /params/, /params: \{/],
  ["windows", () => cron("@daily", { windows: {} as never }), /windows/, /Write a list/],
  ["no window", () => cron("@daily", { windows: [] }), /nothing would ever run/, /Write a list/],
  ["days", () => cron("@daily", { windows: [{ days: "mon-fryday" }] }), /mon-fryday/, /mon-fri/],
  ["time of day", () => cron("@daily", { windows: [{ from: "8" }] }), /"8"/, /time of day/],
  ["hour 25", () => cron("@daily", { windows: [{ to: "25:00" }] }), /25:00/, /24:00/],
  ["no time", () => cron("@daily", { windows: [{ from: "08:00", to: "08:00" }] }), /begins and ends/, /whole day/],
  ["blackout", () => cron("@daily", { blackout: ["2024-12-31/2024-12-24"] }), /2024-12-31/, /list of dates/],
  ["blackout with a word", () => cron("@daily", { blackout: ["christmas"] }), /christmas/, /list of dates/],
  ["calendar outside", () => cron("@daily", { calendar: "../de.json" }), /\.\.\/de\.json/, /project folder/],
  ["calendar that is no JSON", () => cron("@daily", { calendar: "de.ics" }), /de\.ics/, /JSON file/],
  ["schedule as text", () => task("@daily"), /"@daily", which is no schedule/, /cron\(/],
  ["schedule in a list as text", () => task([cron("@daily"), "@hourly"]), /"@hourly"/, /a list of such/],
])("bad input is told with place and remedy: %s", (_, build, message, hint) => {
  const error = errorOf(build);
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
  expect(error.line).toBeGreaterThan(1);
});
