import type { Instant } from "../../core/instant.ts";
import type { PipelineSpec, ProjectManifest } from "../../core/manifest.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { isFinished } from "../../core/state.ts";
import type { RunRecord, Store, TaskRunRecord } from "../../store/store.ts";
import { pipelineOfRun } from "../run-rows.ts";
import { foldSchedules } from "./fold-schedules.ts";
import { foreseenPipeline } from "./foreseen-pipeline.ts";
import type { BegunRun, ForeseenProject, PlacedSchedule } from "./foreseen-project.ts";
import { foreseenSchedule, type SchedulePlace } from "./foreseen-schedule.ts";
import { runsItself, TaskTimes } from "./task-times.ts";

export interface LookAhead {
  readonly project: string;
  readonly manifest: ProjectManifest;
  /** The manifest is the deployed one: its schedules stand where the store says. */
  readonly isDeployed: boolean;
  readonly now: Instant;
  readonly to: Instant;
  readonly slots: number;
  /** What a task takes that has never succeeded. */
  readonly assumedMs: number;
}

type Facts = Pick<
  Store,
  "schedules" | "assetDeadlines" | "pausedPipelines" | "scopes" | "runs" | "taskRuns" | "taskDurations" | "version"
>;

/** Reads what a look ahead starts from. */
export async function readProject(store: Facts, ahead: LookAhead): Promise<ForeseenProject> {
  const { project, manifest, now, to, slots } = ahead;
  const times = await timesOf(store, ahead);
  const placed = await placesOf(store, ahead);
  const found = placed.map((place) => ({ ...place, schedule: foreseenSchedule(place) }));
  const unforeseen = found.flatMap(({ pipeline, spec, schedule }) =>
    typeof schedule === "string" ? [{ pipeline, schedule: spec.name, why: schedule }] : [],
  );
  const foreseen = found.flatMap(({ pipeline, schedule }): PlacedSchedule[] =>
    typeof schedule === "string" ? [] : [{ pipeline, spec: schedule }],
  );
  const paused = await store.pausedPipelines(project);
  const counted = foreseen
    .filter(({ pipeline }) => !paused.some((pause) => pause.pipeline === pipeline))
    .flatMap(({ pipeline, spec }) => {
      const of = manifest.pipelines.find(({ name }) => name === pipeline);
      if (of === undefined) return [];
      return [{ pipeline, spec, tasks: of.tasks.filter(runsItself).length, runMs: times.runMs(of) }];
    });
  const folded = foldSchedules(counted, { from: now, to });
  const kept = foreseen.filter(
    ({ pipeline, spec }) => !folded.some((one) => one.pipeline === pipeline && one.schedule === spec.name),
  );
  const pipelines = manifest.pipelines.map((pipeline) => withSchedules(foreseenPipeline(pipeline), kept));
  return {
    ...{ project, now, to, slots, paused, folded, unforeseen, times },
    manifest: { ...manifest, pipelines },
    overrides: await overridesOf(store, project),
    assets: await store.assetDeadlines(project),
    begun: await begunRuns(store, ahead, times),
  };
}

function withSchedules({ schedules: _, ...pipeline }: PipelineSpec, kept: readonly PlacedSchedule[]): PipelineSpec {
  const schedules = kept.filter((one) => one.pipeline === pipeline.name).map(({ spec }) => spec);
  return schedules.length === 0 ? pipeline : { ...pipeline, schedules };
}

type NamedPlace = SchedulePlace & { readonly pipeline: string };

async function placesOf(
  store: Facts,
  { project, manifest, isDeployed, now }: LookAhead,
): Promise<readonly NamedPlace[]> {
  if (isDeployed) return store.schedules(project);
  return manifest.pipelines.flatMap(({ name: pipeline, schedules = [] }) =>
    schedules.map((spec: ScheduleSpec): NamedPlace => ({ pipeline, spec, origin: now })),
  );
}

async function timesOf(store: Facts, { project, manifest, assumedMs }: LookAhead): Promise<TaskTimes> {
  const took = new Map<string, ReadonlyMap<string, number>>();
  for (const pipeline of manifest.pipelines) {
    const recorded = await store.taskDurations(project, pipeline.name);
    took.set(
      pipeline.name,
      new Map([...recorded, ...(await spansOfMaps(store, project, pipeline)), ...atOnce(pipeline)]),
    );
  }
  return new TaskTimes(took, assumedMs);
}

/** Sensors are taken to find at once what they wait for. */
function atOnce({ tasks }: PipelineSpec): readonly (readonly [string, number])[] {
  return tasks.filter(({ execution }) => execution.via === "sensor").map(({ name }) => [name, 0]);
}

/** What stands in a map takes as long as all of its items took together, in the last run that succeeded. */
async function spansOfMaps(
  store: Facts,
  project: string,
  pipeline: PipelineSpec,
): Promise<readonly (readonly [string, number])[]> {
  if (!hasMaps(pipeline)) return [];
  const [last] = await store.runs({ project, pipeline: pipeline.name, states: ["success"], limit: 1 });
  if (last === undefined) return [];
  const { tasks } = await pipelineOfRun(store, last);
  const rows = Map.groupBy(await store.taskRuns(last.id, { states: ["success"] }), ({ taskIndex }) => taskIndex);
  return [...rows].flatMap(([index, items]) => {
    const name = tasks[index]?.name;
    return name === undefined || items.length < 2 ? [] : [[name, spanOf(items)] as const];
  });
}

function hasMaps({ tasks, groups = [] }: PipelineSpec): boolean {
  return tasks.some(({ map }) => map !== undefined) || groups.some(({ map }) => map !== undefined);
}

function spanOf(items: readonly TaskRunRecord[]): number {
  const starts = items.flatMap(({ startedAt }) => startedAt ?? []);
  const ends = items.flatMap(({ finishedAt }) => finishedAt ?? []);
  return (
    ends.reduce((last, end) => Math.max(last, end), 0) -
    starts.reduce((first, start) => Math.min(first, start), Number.POSITIVE_INFINITY)
  );
}

async function overridesOf(store: Facts, project: string): Promise<ForeseenProject["overrides"]> {
  const scopes = await Promise.all(SET_BY_HAND.map((prefix) => store.scopes(project, prefix)));
  return scopes.flat().filter(({ override }) => override !== undefined);
}

const SET_BY_HAND = ["pool:", "tag:", "task:", "pipeline:"];

/** Runs that another one has started are started anew by that one; those of backfills take what live runs leave. */
async function begunRuns(store: Facts, { project, now }: LookAhead, times: TaskTimes): Promise<readonly BegunRun[]> {
  const open = await store.runs({ project, states: ["running", "queued"], limit: BEGUN_MAX });
  const begun: BegunRun[] = [];
  for (const run of open.toReversed()) {
    if (run.parent === undefined && run.trigger !== "backfill") begun.push(await begunRun(store, run, { now, times }));
  }
  return begun;
}

const BEGUN_MAX = 1_000;

async function begunRun(
  store: Facts,
  record: RunRecord,
  { now, times }: { readonly now: Instant; readonly times: TaskTimes },
): Promise<BegunRun> {
  const { borrowsFrom: _, startedAt, ...run } = record;
  const pipeline = await pipelineOfRun(store, record);
  const leftMs = new Map<string, number>();
  for (const row of await store.taskRuns(record.id)) {
    const name = pipeline.tasks[row.taskIndex]?.name;
    if (name === undefined) continue;
    const left = isFinished(row.state) ? 0 : leftOf(times.of(run.pipeline, name), row, now);
    leftMs.set(name, Math.max(left, leftMs.get(name) ?? 0));
  }
  return { run, pipeline: foreseenPipeline(pipeline), leftMs, ...(startedAt === undefined ? {} : { startedAt }) };
}

function leftOf(ms: number, { state, startedAt = 0 }: TaskRunRecord, now: Instant): number {
  return state === "running" ? Math.max(0, ms - (now - startedAt)) : ms;
}
