import { compactInstant, type DataInterval, iso } from "./instant.ts";
import { type IntervalNeighbours, type NeighbourInterval, neighboursOf } from "./interval-neighbours.ts";
import type { Json } from "./json.ts";
import type { PastSuccess } from "./past-success.ts";
import type { ScheduleOfRun } from "./schedule-of-run.ts";
import type { TemplateScope } from "./template.ts";

export interface TemplateFacts {
  readonly interval: DataInterval;
  readonly isPartial?: true | undefined;
  readonly timezone: string;
  /** `YYYY-MM-DD` */
  readonly ds: string;
  readonly params: Json;
  readonly run: { readonly id: string; readonly pipeline: string; readonly trigger: string };
  /** On whose interval the run works. */
  readonly schedule?: ScheduleOfRun | undefined;
  /** The steps beside the interval; computed from the schedule when absent. */
  readonly neighbours?: IntervalNeighbours;
  readonly lastSuccess?: PastSuccess | undefined;
  /** Name of the task. */
  readonly task: string;
  readonly attempt: number;
  /** What a task run of a map is for, and its place in the list. */
  readonly item?: Json;
  readonly index?: number;
}

/** The names that templates of a task know. Instants are ISO 8601 in UTC. */
export function templateScope(facts: TemplateFacts): TemplateScope {
  const { interval, isPartial, timezone, ds, params, run, schedule, task, attempt, item, index } = facts;
  const named = schedule === undefined ? {} : { schedule: schedule.name };
  const { start, end } = textsOf(interval);
  const { prev, next } = facts.neighbours ?? neighboursOf(interval, schedule);
  return {
    ds,
    ds_nodash: withoutDashes(ds),
    ts: start,
    ts_nodash: compactInstant(interval.start),
    interval: { start, end, partial: isPartial ?? false },
    timezone,
    params,
    ...named,
    trigger: run.trigger,
    run: { id: run.id, trigger: run.trigger, ...named },
    pipeline: run.pipeline,
    task,
    attempt,
    ...(item === undefined ? {} : { item }),
    ...(index === undefined ? {} : { index }),
    prev: { ...neighbour(prev), ...success(facts.lastSuccess) },
    next: neighbour(next),
    ts_nodash_with_tz: `${compactInstant(interval.start)}+0000`,
    yesterday_ds: daysAfter(ds, -1),
    yesterday_ds_nodash: withoutDashes(daysAfter(ds, -1)),
    tomorrow_ds: daysAfter(ds, 1),
    tomorrow_ds_nodash: withoutDashes(daysAfter(ds, 1)),
  };
}

function neighbour(step: NeighbourInterval | undefined): Record<string, Json> {
  if (step === undefined) return {};
  return { ds: step.ds, ds_nodash: withoutDashes(step.ds), interval: textsOf(step.interval) };
}

function success(last: PastSuccess | undefined): Record<string, Json> {
  if (last === undefined) return {};
  const { runId, interval, ds, startedAt, finishedAt } = last;
  return { success: { ...textsOf(interval), ds, runId, startedAt: iso(startedAt), finishedAt: iso(finishedAt) } };
}

function textsOf({ start, end }: DataInterval): { readonly start: string; readonly end: string } {
  return { start: iso(start), end: iso(end) };
}

function withoutDashes(ds: string): string {
  return ds.replaceAll("-", "");
}

function daysAfter(ds: string, days: number): string {
  return iso(Date.parse(`${ds}T00:00:00Z`) + days * 86_400_000).slice(0, 10);
}
