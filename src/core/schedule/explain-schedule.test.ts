import { expect, test } from "vitest";
import { explainSchedule, type ScheduleQuestion } from "./explain-schedule.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const HOUR = 3_600_000;

test.each<[string, Partial<ScheduleQuestion>, string]>([
  ["a time to come", { nextAt: NOW + HOUR }, "makes its next run at 2026-01-01T13:00:00Z, in 1 h 00 min."],
  ["being due", { nextAt: NOW - 1_000 }, "is due since 2026-01-01T11:59:59Z."],
  ["being off", { rest: "off" }, "is off, by its definition: enabled is false."],
  ["its end", { rest: "ended" }, "has come to its end: no tick is left."],
  ["its run", { rest: "run", lastRun: "0190" }, "waits for its run 0190 to end."],
  ["its function", { rest: "code" }, "waits for its function to say when it fires next."],
  ["a lost wake-up", {}, "has lost its wake-up; it has it again within a minute."],
  [
    "a pause",
    { rest: "paused", pause: { by: "anna", at: NOW - HOUR, reason: "Bad data." } },
    "waits: anna has paused its pipeline at 2026-01-01T11:00:00Z: Bad data.",
  ],
])("the reason names %s", (_name, more, sentence) => {
  const { sentences } = explainSchedule(question(more));
  expect(sentences).toEqual([`Schedule main (0 * * * *, UTC) ${sentence}`]);
});

test("a schedule that cannot be planned tells its error, the way out, and when it is tried again", () => {
  const fault = { message: '"Mars" is not a time zone.', hint: "Use an IANA name.", since: NOW - HOUR, times: 3 };
  expect(explainSchedule(question({ fault, nextAt: NOW + 60_000 }))).toEqual({
    sentences: [
      'Schedule main (0 * * * *, UTC) cannot be planned since 2026-01-01T11:00:00Z: "Mars" is not a time zone.',
      ...["Use an IANA name.", "Tried 3 times; again at 2026-01-01T12:01:00Z."],
    ],
  });
});

test("TI-8: a schedule whose filters hold back all of its ticks says so, in place of a next run", () => {
  const blackout = [{ from: "2026-01-01", to: "2099-12-31" }];
  const held = question({ nextAt: NOW + HOUR });
  const end = { kind: "instant", at: NOW + 2 * HOUR } as const;
  const why = "2026-01-01 13:00 is held back by the blackout from 2026-01-01 to 2099-12-31.";
  for (const [more, span] of [
    [{}, "in the year to come"],
    [{ end }, "before its end"],
  ] as const) {
    expect(explainSchedule({ ...held, spec: { ...held.spec, ...more, filter: { blackout } } })).toEqual({
      sentences: [`Schedule main (0 * * * *, UTC) makes no run ${span}: ${why}`],
    });
  }
});

test("an error of its function is told with its place, also before it was asked again after a deployment", () => {
  const location = { file: "pipelines/tides.ts", line: 3 };
  const fault = { message: "No moon.", location, since: NOW - HOUR, times: 0 };
  expect(explainSchedule(question({ fault, nextAt: NOW })).sentences).toEqual([
    "Schedule main (0 * * * *, UTC) cannot be planned since 2026-01-01T11:00:00Z: No moon. (pipelines/tides.ts:3)",
    "Not tried since it was deployed anew; again at 2026-01-01T12:00:00Z.",
  ]);
});

test("what was missed, a clock that was set back, and that nothing fires are told besides", () => {
  const gap = { reason: "missed", from: NOW - 5 * HOUR, to: NOW - HOUR, ticks: 4 } as const;
  expect(
    explainSchedule(question({ nextAt: NOW + 2 * HOUR, mark: NOW + HOUR, gap, isServed: false })).sentences.slice(1),
  ).toEqual([
    "Nothing fires it now: no batuta dev is running here.",
    "The clock was set back: intervals up to 2026-01-01T13:00:00Z have had their turn.",
    '4 ticks from 2026-01-01T07:00:00Z to 2026-01-01T11:00:00Z were missed and left out (catchUp: "latest").',
  ]);
});

test("a tick that a filter leaves out is no next run", () => {
  const filter = { blackout: [{ from: "2026-01-01", to: "2026-01-02" }] };
  const { nextAt } = explainSchedule(question({ nextAt: NOW + HOUR, spec: { ...question({}).spec, filter } }));
  expect(nextAt).toBe(Date.UTC(2026, 0, 3));
});

function question(more: Partial<ScheduleQuestion>): ScheduleQuestion {
  return {
    spec: {
      ...{ name: "main", timezone: "UTC", timing: { kind: "cron", expression: "0 * * * *" }, catchUp: "latest" },
      ...{ graceMs: 600_000, enabled: true, params: {} },
    },
    ...{ seed: "shop/daily/main", isServed: true, now: NOW, ...more },
  };
}
