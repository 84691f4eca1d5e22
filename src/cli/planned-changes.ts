import { canonicalJson } from "../core/canonical-json.ts";
import type { Instant } from "../core/instant.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { type ComingRun, comingRuns } from "../core/schedule/coming-runs.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import type { ScheduleRecord } from "../store/schedule-store.ts";

export type Change = "added" | "changed" | "removed" | "same";

/** What deploying the files as they are now does to one pipeline. */
export interface PlannedPipeline {
  readonly name: string;
  readonly change: Change;
  readonly schedules: readonly PlannedSchedule[];
}

export interface PlannedSchedule {
  readonly name: string;
  readonly change: Change;
  readonly before?: ScheduleSpec;
  readonly after?: ScheduleSpec;
  /** The next runs as it is deployed, and as it would be. */
  readonly runsBefore: readonly ComingRun[];
  readonly runsAfter: readonly ComingRun[];
}

export interface Compared {
  readonly project: string;
  /** As they are deployed; none before the first time. */
  readonly deployed: readonly PipelineSpec[];
  readonly records: readonly ScheduleRecord[];
  readonly paused: ReadonlySet<string>;
  /** As the files are now. */
  readonly compiled: readonly PipelineSpec[];
  /** Pipelines of files that are broken now: they stay as they are deployed. */
  readonly kept: ReadonlySet<string>;
  readonly now: Instant;
}

/** Next runs that are told of a schedule, before and after. */
const RUNS_TOLD = 3;

/** Everything that deploying would change, by name; what stays as it is comes as `same` (TI-6). */
export function plannedChanges(compared: Compared): readonly PlannedPipeline[] {
  const { deployed, compiled, kept } = compared;
  const before = new Map(deployed.map((pipeline) => [pipeline.name, pipeline]));
  const after = new Map(compiled.map((pipeline) => [pipeline.name, pipeline]));
  for (const pipeline of deployed) if (kept.has(pipeline.name)) after.set(pipeline.name, pipeline);
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.map((name) => plannedPipeline(name, before.get(name), after.get(name), compared));
}

function plannedPipeline(
  name: string,
  before: PipelineSpec | undefined,
  after: PipelineSpec | undefined,
  compared: Compared,
): PlannedPipeline {
  const schedules = new Map((before?.schedules ?? []).map((one) => [one.name, { before: one } as Pair]));
  for (const one of after?.schedules ?? []) schedules.set(one.name, { ...schedules.get(one.name), after: one });
  return {
    name,
    change: changeOf(before?.graphHash, after?.graphHash),
    schedules: [...schedules].map(([schedule, pair]) => plannedSchedule(name, schedule, pair, compared)),
  };
}

interface Pair {
  readonly before?: ScheduleSpec;
  readonly after?: ScheduleSpec;
}

function plannedSchedule(pipeline: string, name: string, pair: Pair, compared: Compared): PlannedSchedule {
  const { project, records, paused, now } = compared;
  const record = records.find((one) => one.pipeline === pipeline && one.name === name);
  const known = { origin: record?.origin ?? now, ...(record?.mark === undefined ? {} : { mark: record.mark }) };
  const runsOf = (spec: ScheduleSpec | undefined): readonly ComingRun[] =>
    spec === undefined || paused.has(pipeline)
      ? []
      : comingRuns({ spec, seed: `${project}/${pipeline}/${name}`, ...known }, now, RUNS_TOLD);
  return {
    name,
    change: changeOf(textOf(pair.before), textOf(pair.after)),
    ...pair,
    runsBefore: runsOf(pair.before),
    runsAfter: runsOf(pair.after),
  };
}

function textOf(spec: ScheduleSpec | undefined): string | undefined {
  return spec === undefined ? undefined : canonicalJson(spec);
}

function changeOf(before: string | undefined, after: string | undefined): Change {
  if (before === undefined) return "added";
  if (after === undefined) return "removed";
  return before === after ? "same" : "changed";
}
