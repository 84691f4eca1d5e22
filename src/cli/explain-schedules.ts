import { iso } from "../core/instant.ts";
import { explainSchedule, type ScheduleAnswer } from "../core/schedule/explain-schedule.ts";
import { findServer } from "../engine/orphans.ts";
import type { Clock } from "../ports/clock.ts";
import type { PausedPipeline } from "../store/limit-records.ts";
import type { ScheduleRecord } from "../store/schedule-store.ts";
import type { Store } from "../store/store.ts";
import { hostProcesses } from "./host-processes.ts";
import { shortId } from "./run-reference.ts";

export interface ExplainedSchedule extends ScheduleAnswer {
  readonly record: ScheduleRecord;
}

type Facts = Pick<Store, "schedules" | "scheduleGaps" | "pausedPipelines" | "sessions" | "now">;

/** When the schedules of a pipeline, or of all, make their next runs, or why not. */
export async function explainSchedules(
  store: Facts,
  clock: Clock,
  { project, pipeline }: { readonly project: string; readonly pipeline?: string },
): Promise<readonly ExplainedSchedule[]> {
  const records = await store.schedules(project, pipeline);
  if (records.length === 0) return [];
  const pauses = new Map((await store.pausedPipelines(project)).map((pause) => [pause.pipeline, pause]));
  const isServed = (await findServer(store, hostProcesses(clock), project)) !== undefined;
  const now = await store.now();
  const explained: ExplainedSchedule[] = [];
  for (const record of records) {
    // What was left out is told of one pipeline: of all of them it would be a question each.
    const gaps = pipeline === undefined ? [] : await store.scheduleGaps({ ...record, schedule: record.name }, 1);
    const question = questionOf(record, pauses.get(record.pipeline));
    const [gap] = gaps;
    explained.push({
      record,
      ...explainSchedule({ ...question, isServed, now, ...(gap === undefined ? {} : { gap }) }),
    });
  }
  return explained;
}

/** As `--json` shows it; instants are ISO 8601 in UTC. */
export function scheduleReport({ record, nextAt, sentences }: ExplainedSchedule) {
  const { name, generation, mark, rest, fault, lastRun } = record;
  return {
    ...{ name, generation },
    ...(nextAt === undefined ? {} : { nextRunAt: iso(nextAt) }),
    ...(mark === undefined ? {} : { decidedUpTo: iso(mark) }),
    ...(rest === undefined ? {} : { rest }),
    ...(lastRun === undefined ? {} : { lastRun }),
    ...(fault === undefined ? {} : { fault: { ...fault, since: iso(fault.since) } }),
    reasons: sentences,
  };
}

function questionOf(record: ScheduleRecord, pause: PausedPipeline | undefined) {
  const { project, pipeline, name, spec, mark, nextAt, rest, lastRun, fault } = record;
  return {
    spec,
    seed: `${project}/${pipeline}/${name}`,
    ...(mark === undefined ? {} : { mark }),
    ...(nextAt === undefined ? {} : { nextAt }),
    ...(rest === undefined ? {} : { rest }),
    ...(lastRun === undefined ? {} : { lastRun: shortId(lastRun) }),
    ...(fault === undefined ? {} : { fault }),
    ...(pause === undefined ? {} : { pause: pauseOf(pause) }),
  };
}

function pauseOf({ pausedBy, pausedAt, reason }: PausedPipeline) {
  return { by: pausedBy, at: pausedAt, ...(reason === undefined ? {} : { reason }) };
}
