import { type Instant, iso } from "../../core/instant.ts";
import type { RunState } from "../../core/state.ts";
import { type Collision, collisionsOf, type Wait, waitsOf } from "./collisions.ts";
import type { ForeseenRun, Foresight } from "./foresee.ts";
import { type ForeseenAttempt, foreseenAttempts } from "./foreseen-attempts.ts";
import type { ForeseenProject } from "./foreseen-project.ts";
import { type LateAsset, lateAssets } from "./late-assets.ts";
import { runsItself } from "./task-times.ts";

/** What `batuta timeline --json` gives; instants are ISO 8601 in UTC. */
export interface TimelineReport {
  readonly from: string;
  readonly to: string;
  readonly slots: number;
  readonly runs: readonly TimelineRun[];
  readonly collisions: readonly CollisionReport[];
  readonly deadlines: readonly DeadlineReport[];
  /** Assets that will not have been made by their time of day. */
  readonly lateAssets: readonly LateAssetReport[];
  /** Schedules that fire so often that their runs were not run ahead of time. */
  readonly folded: readonly { readonly pipeline: string; readonly schedule: string; readonly runs: number }[];
  readonly unforeseen: readonly { readonly pipeline: string; readonly schedule: string; readonly why: string }[];
  readonly paused: readonly string[];
  /** Tasks of these runs that have never succeeded, so that nobody knows what they take. */
  readonly assumed: readonly string[];
}

export interface TimelineRun {
  readonly id?: string;
  readonly pipeline: string;
  readonly schedule?: string;
  readonly trigger: string;
  readonly ds: string;
  readonly interval: { readonly start: string; readonly end: string };
  /** When it is created; of one that has begun already, when it began. */
  readonly due: string;
  /** Absent: it does not begin before the end of the timeline. */
  readonly starts?: string;
  /** Absent: it has not ended by then. */
  readonly ends?: string;
  readonly takesMs?: number;
  readonly state: RunState;
  /** It waits so long for a place among the runs of its pipeline. */
  readonly placeMs?: number;
  readonly waits: readonly { readonly task: string; readonly for: string; readonly ms: number }[];
}

export interface CollisionReport {
  /** `pool:warehouse`; `slots` are those of the engine. */
  readonly limit: string;
  readonly slots: number;
  readonly from: string;
  readonly to: string;
  readonly waiting: readonly {
    readonly pipeline: string;
    readonly ds: string;
    readonly task: string;
    readonly from: string;
    readonly ms: number;
  }[];
}

export interface LateAssetReport {
  readonly asset: string;
  readonly deadline: string;
  readonly due: string;
  /** Absent: it is not made within this time. */
  readonly madeAt?: string;
}

export interface DeadlineReport {
  readonly pipeline: string;
  readonly ds: string;
  readonly task?: string;
  readonly deadline: string;
  readonly due: string;
  readonly ends?: string;
  readonly waitsFor: readonly string[];
}

/** @param from what is over before is left out */
export function timelineReport(foreseen: ForeseenProject, { runs, missed }: Foresight, from: Instant): TimelineReport {
  const shown = runs.filter(({ run }) => run.finishedAt === undefined || run.finishedAt >= from);
  const attempts = foreseenAttempts(runs, foreseen);
  const waits = waitsOf(attempts);
  const waitsOfRun = Map.groupBy(waits, ({ attempt }) => attempt.of.run.id);
  const begun = new Map(foreseen.begun.map(({ run, startedAt }) => [run.id, startedAt]));
  const attemptsOfRun = Map.groupBy(attempts, ({ of }) => of.run.id);
  const endOf = ({ run }: ForeseenRun): Instant | undefined => endOfRun(run.finishedAt, attemptsOfRun.get(run.id));
  return {
    from: iso(from),
    to: iso(foreseen.to),
    slots: foreseen.slots,
    runs: shown.map((one) => runReport(one, { waits: waitsOfRun.get(one.run.id) ?? [], begun, end: endOf(one) })),
    collisions: collisionsOf(waits)
      .filter(({ to }) => to >= from)
      .map(collisionReport),
    deadlines: deadlineReports(shown, missed),
    lateAssets: lateAssets(runs, foreseen)
      .filter(({ due }) => due >= from)
      .map(lateAssetReport),
    folded: foreseen.folded,
    unforeseen: foreseen.unforeseen,
    paused: foreseen.paused.map(({ pipeline }) => pipeline).sort(),
    assumed: assumedTasks(runs, foreseen),
  };
}

interface OfRun {
  readonly waits: readonly Wait[];
  /** Runs that have begun before now, with the moment at which they did. */
  readonly begun: ReadonlyMap<string, Instant | undefined>;
  readonly end: Instant | undefined;
}

function runReport({ run }: ForeseenRun, { waits, begun, end }: OfRun): TimelineRun {
  const { pipeline, schedule, trigger, ds, interval, state, createdAt } = run;
  const isBegun = begun.has(run.id);
  const starts = begun.get(run.id) ?? run.startedAt;
  const placeMs = isBegun || run.startedAt === undefined ? 0 : run.startedAt - createdAt;
  return {
    ...(isBegun ? { id: run.id } : {}),
    pipeline,
    ...(schedule === undefined ? {} : { schedule }),
    ...{ trigger, ds, interval: { start: iso(interval.start), end: iso(interval.end) } },
    due: iso(isBegun ? (starts ?? createdAt) : createdAt),
    ...(starts === undefined ? {} : { starts: iso(starts) }),
    ...(end === undefined ? {} : { ends: iso(end) }),
    ...(starts === undefined || end === undefined ? {} : { takesMs: end - starts }),
    state,
    ...(placeMs === 0 ? {} : { placeMs }),
    waits: waits.map(({ attempt, limit, ms }) => ({ task: attempt.task, for: limit, ms })),
  };
}

/** One that goes on at the end of the timeline ends at the earliest when all that has started has ended. */
function endOfRun(
  finishedAt: Instant | undefined,
  attempts: readonly ForeseenAttempt[] | undefined,
): Instant | undefined {
  if (finishedAt !== undefined || attempts === undefined) return finishedAt;
  const { of } = attempts[0] ?? {};
  const isLast = of?.taskRuns.every(({ state }) => state !== "scheduled" && state !== "queued" && state !== "deferred");
  return isLast === true ? attempts.reduce((last, { to }) => Math.max(last, to), 0) : undefined;
}

function collisionReport({ limit, slots, from, to, waiting }: Collision): CollisionReport {
  return {
    ...{ limit, slots, from: iso(from), to: iso(to) },
    waiting: waiting.map(({ attempt: { of, task, queuedAt }, ms }) => ({
      ...{ pipeline: of.run.pipeline, ds: of.run.ds, task, from: iso(queuedAt), ms },
    })),
  };
}

function deadlineReports(runs: readonly ForeseenRun[], missed: Foresight["missed"]): readonly DeadlineReport[] {
  const byId = new Map(runs.map((one) => [one.run.id, one]));
  return missed.flatMap(({ runId, task, taskIndex, deadline, dueAt, waitsFor }): readonly DeadlineReport[] => {
    const of = byId.get(runId);
    if (of === undefined) return [];
    const row = of.taskRuns.find((taskRun) => taskRun.taskIndex === taskIndex);
    const end = taskIndex === undefined ? of.run.finishedAt : row?.finishedAt;
    return [
      {
        ...{ pipeline: of.run.pipeline, ds: of.run.ds, deadline, due: iso(dueAt), waitsFor },
        ...(task === undefined ? {} : { task }),
        ...(end === undefined ? {} : { ends: iso(end) }),
      },
    ];
  });
}

function lateAssetReport({ due, madeAt, ...late }: LateAsset): LateAssetReport {
  return { ...late, due: iso(due), ...(madeAt === undefined ? {} : { madeAt: iso(madeAt) }) };
}

function assumedTasks(runs: readonly ForeseenRun[], { times }: ForeseenProject): readonly string[] {
  const names = runs.flatMap(({ pipeline }) =>
    pipeline.tasks
      .filter((task) => runsItself(task) && !times.isKnown(pipeline.name, task.name))
      .map((task) => `${pipeline.name}/${task.name}`),
  );
  return [...new Set(names)].sort();
}
