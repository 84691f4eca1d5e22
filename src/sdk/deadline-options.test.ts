import { expect, test } from "vitest";
import { define, errorOf, taskOf } from "./definition-for-tests.ts";
import { asset, beforeNext, by, cron, type DeadlineOption, pipeline, slowerThan } from "./index.ts";

function deadlinesOf(deadline: DeadlineOption | readonly DeadlineOption[]) {
  return taskOf(
    define(({ task }) => void task("a", { deadline }, () => 1)),
    "a",
  ).deadlines;
}

test("a deadline is a time, a clock time, or what is usual; or several of them", () => {
  expect(deadlinesOf("2h")).toEqual([{ kind: "within", ms: 7_200_000 }]);
  expect(deadlinesOf(by("8:05", { timezone: "Europe/Zurich", day: 1 }))).toEqual([
    { kind: "by", minute: 485, timezone: "Europe/Zurich", day: 1 },
  ]);
  expect(deadlinesOf([by("23:59"), slowerThan()])).toEqual([
    { kind: "by", minute: 1_439, day: 0 },
    { kind: "slower_than", factor: 1.5, of: 30 },
  ]);
  const { spec } = pipeline(
    "daily",
    { schedule: cron("0 6 * * *"), deadline: [beforeNext(), 60_000] },
    ({ task }) => void task("a", { deadline: beforeNext() }, () => 1),
  );
  expect(spec.deadlines).toEqual([{ kind: "before_next" }, { kind: "within", ms: 60_000 }]);
});

test("an asset has a time of day, which its tasks carry in their outputs", () => {
  const revenue = asset("warehouse/revenue", { deadline: by("08:00", { timezone: "UTC" }) });
  const { outputs } = taskOf(
    define(({ task }) => void task("a", { outputs: [revenue, asset("plain")] }, () => 1)),
    "a",
  );
  const deadline = { kind: "by", minute: 480, timezone: "UTC", day: 0 };
  expect(outputs).toEqual([{ key: "warehouse/revenue", deadline }, { key: "plain" }]);
});

test.each<readonly [string, () => unknown, string, string]>([
  ["no time", () => deadlinesOf("soon"), '`deadline` of task "a"', "30s"],
  ["zero", () => deadlinesOf(0), '`deadline` of task "a" is 0.', "from 1 ms"],
  ["an object", () => deadlinesOf({ within: "2h" } as never), "is an object", 'by("08:00")'],
  ["a time that no clock shows", () => by("24:00"), 'The time of by(…) is "24:00".', 'by("08:00")'],
  ["words for a time", () => by("noon"), 'The time of by(…) is "noon".', 'by("08:00")'],
  ["a zone that is none", () => by("08:00", { timezone: "Europe/Zurick" }), "Europe/Zurick", "Europe/Zurich"],
  ["a day before", () => by("08:00", { day: -1 }), "`day` of by(…) is -1.", "from 0 to 31"],
  ["an unknown option", () => by("08:00", { days: 1 } as never), "Unknown option `days`", "Did you mean `day`?"],
  ["a factor below 1", () => slowerThan({ factor: 0.5 }), "`factor` of slowerThan(…) is 0.5.", "such as 1.5"],
  ["too few runs", () => slowerThan({ of: 2 }), "`of` of slowerThan(…) is 2.", "from 5 to 100"],
  ["a length of time for an asset", () => asset("a", { deadline: "2h" as never }), "is no time of day", 'by("08:00"'],
  ["another day for an asset", () => asset("a", { deadline: by("08:00", { day: 1 }) }), "is no time of day", "by("],
  ["what is usual for an asset", () => asset("a", { deadline: slowerThan() }), "is no time of day", "by("],
  [
    "before the next interval of a pipeline without a schedule",
    () => define(({ task }) => void task("a", { deadline: beforeNext() }, () => 1)),
    '`deadline` of task "a" is beforeNext(), but no schedule of the pipeline has ticks.',
    'deadline: "2h"',
  ],
])("%s is refused, with what to write instead", (_, build, message, hint) => {
  const error = errorOf(build);
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
});
