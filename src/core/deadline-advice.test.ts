import { expect, test } from "vitest";
import type { DeadlineSpec } from "./deadline/deadline-spec.ts";
import { deadlineAdvice } from "./deadline-advice.ts";
import type { PipelineSpec } from "./manifest.ts";
import { plainTask } from "./plain-task-for-tests.ts";

const SCHEDULE = { name: "main", timezone: "UTC", catchUp: "latest", graceMs: 0, enabled: true, params: {} } as const;

function advice(
  deadline: DeadlineSpec,
  { cron = "0 6 * * *", ...more }: { cron?: string } & Partial<PipelineSpec> = {},
) {
  const location = { file: "pipelines/daily.ts", line: 3 };
  const timing = { kind: "cron", expression: cron } as const;
  const schedules = [{ ...SCHEDULE, timing }];
  const tasks = [{ ...plainTask("load"), deadlines: [deadline] }];
  const spec = { name: "daily", location, tags: [], timezone: "UTC", tasks, graphHash: "", schedules, ...more };
  return deadlineAdvice(spec).map(({ message, hint }) => `${message} ${hint}`);
}

test("a clock time that is over when any interval ends can never be kept", () => {
  expect(advice({ kind: "by", minute: 300, day: 0 })).toEqual([
    'The deadline of task "load", by 05:00, can never be kept: that time is over when an interval of its schedule "main" ends. If the day after is meant, write by("05:00", { day: 1 }).',
  ]);
  expect(advice({ kind: "by", minute: 300, day: 1 })).toEqual([]);
  expect(advice({ kind: "by", minute: 420, day: 0 })).toEqual([]);
  expect(advice({ kind: "by", minute: 300, day: 0 }, { cron: "0 * * * *" }), "kept before 05:00").toEqual([]);
  expect(advice({ kind: "by", minute: 420, timezone: "America/New_York", day: 0 })).toEqual([]);
  expect(advice({ kind: "by", minute: 420, day: 0, timezone: "Asia/Tokyo" })).toHaveLength(1);
});

test("a time that the run's time-out cuts short can never be missed", () => {
  const within: DeadlineSpec = { kind: "within", ms: 3_600_000 };
  expect(advice(within)).toEqual([]);
  expect(advice(within, { runTimeoutMs: 3_600_001 })).toEqual([]);
  const [one = ""] = advice(within, { runTimeoutMs: 3_600_000, deadlines: [within] });
  expect(one).toContain('The deadline of pipeline "daily", within 1 h 00 min, cannot be missed');
});
