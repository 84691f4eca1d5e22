import type { Instant } from "../core/instant.ts";
import { localDate } from "../core/interval.ts";
import { BatutaError } from "../core/problem.ts";
import { planTicks } from "../core/schedule/plan-ticks.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import type { LastRun, PlannedInterval, ScheduleState, TickAnswer, TickPlan } from "../core/schedule/schedule-state.ts";
import { sha256Hex } from "../ports/digest.ts";
import { hashedRandom, uuidv7 } from "../ports/random.ts";
import type { NewRun } from "./run-records.ts";
import { faultAfter } from "./schedule-fault.ts";
import type { DeploymentRow, ScheduleRow } from "./schedule-rows.ts";
import type { ScheduleFault } from "./schedule-store.ts";
import type { Reader } from "./transaction.ts";

/** Schedules that are planned together, and runs after which the rest waits for the next turn. */
const SCHEDULES_MAX = 200;
const RUNS_MAX = 200;

/** What is to become of a schedule, by its row as it was read: who writes it must find it so. */
export type DueSchedule =
  | {
      readonly kind: "planned";
      readonly row: ScheduleRow;
      readonly plan: TickPlan;
      readonly runs: readonly NewRun[];
    }
  | { readonly kind: "faulty"; readonly row: ScheduleRow; readonly fault: ScheduleFault };

export interface DueSchedules {
  readonly now: Instant;
  readonly due: readonly DueSchedule[];
  /** When the next one is due; absent when none is to come by time. */
  readonly nextAt?: Instant;
}

/**
 * Plans what is due, without a transaction: most looks find nothing, and planning takes longer than writing. One that
 * cannot be planned is told apart, so that the others go on.
 */
export async function planDueSchedules(rows: Reader): Promise<DueSchedules> {
  const { schedules, now } = rows;
  const nextAt = await schedules.nextScheduleAt();
  const timely = nextAt !== undefined && nextAt <= now ? await schedules.dueSchedules(SCHEDULES_MAX) : [];
  const waiting = await schedules.schedulesAfterRun(SCHEDULES_MAX);
  const deployments = new Deployments(rows);
  const due: DueSchedule[] = [];
  let runs = 0;
  for (const row of [...timely, ...waiting]) {
    if (runs >= RUNS_MAX) break;
    const planned = await planOne(rows, row, deployments);
    due.push(planned);
    if (planned.kind === "planned") runs += planned.runs.length;
  }
  return { due, now, ...(nextAt === undefined ? {} : { nextAt }) };
}

async function planOne(rows: Reader, row: ScheduleRow, deployments: Deployments): Promise<DueSchedule> {
  const lastRun = await lastRunOf(rows, row);
  const deployment = await deployments.of(row.project);
  try {
    const state = stateOf(row, lastRun);
    const plan = planTicks(state, rows.now);
    const versionHash = versionOf(deployment, row);
    const runs = plan.runs.map((planned) => newRun(row, state.spec, { planned, versionHash, now: rows.now }));
    return { kind: "planned", row, plan, runs };
  } catch (error) {
    return faulty(row, error, rows.now);
  }
}

/** Each project's is read once. */
export class Deployments {
  readonly #rows: Reader;
  readonly #known = new Map<string, DeploymentRow | undefined>();

  constructor(rows: Reader) {
    this.#rows = rows;
  }

  async of(project: string): Promise<DeploymentRow | undefined> {
    if (!this.#known.has(project)) this.#known.set(project, await this.#rows.schedules.deployment(project));
    return this.#known.get(project);
  }
}

/** Only a schedule that waits for its runs needs to know of the last one. */
async function lastRunOf(rows: Reader, { lastRun, spec }: ScheduleRow): Promise<LastRun | undefined> {
  if (lastRun === null || !spec.includes('"continuous"')) return undefined;
  const run = await rows.run(lastRun);
  if (run === undefined) return undefined;
  return { createdAt: run.createdAt, ...(run.finishedAt === null ? {} : { endedAt: run.finishedAt }) };
}

/** A schedule as `core` sees it. */
export function stateOf(row: ScheduleRow, lastRun?: LastRun): ScheduleState {
  return {
    spec: JSON.parse(row.spec) as ScheduleSpec,
    seed: `${row.project}/${row.pipeline}/${row.name}`,
    origin: row.origin,
    ...(row.mark === null ? {} : { mark: row.mark }),
    ...(row.answer === null ? {} : { answer: JSON.parse(row.answer) as TickAnswer }),
    ...(lastRun === undefined ? {} : { lastRun }),
  };
}

export function versionOf(deployment: DeploymentRow | undefined, { project, pipeline }: ScheduleRow): string {
  if (deployment === undefined) throw new BatutaError("not_found", `Nothing is deployed of project "${project}".`);
  const kept = JSON.parse(deployment.kept) as Readonly<Record<string, string>>;
  return kept[pipeline] ?? deployment.versionHash;
}

interface NewScheduledRun {
  readonly planned: PlannedInterval;
  readonly versionHash: string;
  readonly now: Instant;
}

function newRun(
  { project, pipeline, name }: ScheduleRow,
  { timezone, params }: ScheduleSpec,
  { planned: { interval, isPartial, isWide }, versionHash, now }: NewScheduledRun,
): NewRun {
  const asked = JSON.stringify([project, pipeline, name, interval.end]);
  return {
    id: uuidv7({ wall: () => now }, hashedRandom(asked)),
    ...{ project, pipeline, versionHash, trigger: "schedule", schedule: name, interval, timezone },
    ds: localDate(interval.start, timezone),
    params,
    requestKey: sha256Hex(asked),
    ...(isPartial === undefined ? {} : { isPartial }),
    ...(isWide === undefined ? {} : { isWide }),
    actor: `schedule ${name}`,
  };
}

/** It stands until the schedule can be planned again. */
export function faulty(row: ScheduleRow, error: unknown, now: Instant): DueSchedule {
  return { kind: "faulty", row, fault: faultAfter(row.fault, error, now) };
}
