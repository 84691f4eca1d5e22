import type { Instant } from "../core/instant.ts";
import { BatutaError } from "../core/problem.ts";
import type { TickAnswer, TickGap } from "../core/schedule/schedule-state.ts";
import { answerSchedule, schedulesToAsk } from "./answer-schedule.ts";
import type { PlannedRun } from "./create-runs.ts";
import { deploy } from "./deploy.ts";
import { fireSchedules, type PreparedSchedule } from "./fire-schedules.ts";
import { type DueSchedule, faulty, planDueSchedules } from "./plan-due-schedules.ts";
import { toDeploymentRecord, toScheduleRecord } from "./schedule-records.ts";
import type {
  DeploymentRecord,
  DeployRequest,
  DeployResult,
  FullScheduleName,
  ScheduleFiring,
  ScheduleRecord,
  ScheduleStore,
  ScheduleToAsk,
} from "./schedule-store.ts";
import type { KeylessRun } from "./store-base.ts";
import { StoredActions } from "./stored-actions.ts";
import type { Reader } from "./transaction.ts";

/** What projects run, and when. */
export abstract class StoredSchedules extends StoredActions implements ScheduleStore {
  deploy(request: DeployRequest): Promise<DeployResult> {
    return this.database.write((tx) => deploy(tx, request));
  }

  deployment(project: string): Promise<DeploymentRecord | undefined> {
    return this.database.read(async (rows) => {
      const row = await rows.schedules.deployment(project);
      return row === undefined ? undefined : toDeploymentRecord(row);
    });
  }

  schedules(project: string, pipeline?: string): Promise<readonly ScheduleRecord[]> {
    return this.database.read(async (rows) =>
      (await rows.schedules.schedules(project, pipeline)).map(toScheduleRecord),
    );
  }

  scheduleGaps({ project, pipeline, schedule }: FullScheduleName, limit: number): Promise<readonly TickGap[]> {
    return this.database.read(async (rows) => {
      const found = await rows.schedules.schedules(project, pipeline);
      const row = found.find(({ name }) => name === schedule);
      return row === undefined ? [] : rows.schedules.scheduleGaps(row.key, limit);
    });
  }

  async fireSchedules(): Promise<ScheduleFiring> {
    const { due, nextAt, now } = await this.database.read(planDueSchedules);
    if (due.length === 0) return { created: 0, ...(nextAt === undefined ? {} : { nextInMs: nextAt - now }) };
    const prepared = await this.#prepare(due, now);
    const asks = due.some((one) => one.kind === "planned" && one.plan.rest === "code");
    return { created: await this.#fire(prepared), nextInMs: 0, ...(asks ? { asks } : {}) };
  }

  schedulesToAsk(): Promise<readonly ScheduleToAsk[]> {
    return this.database.read(schedulesToAsk);
  }

  answerSchedule(asked: ScheduleToAsk, answer: TickAnswer | BatutaError): Promise<boolean> {
    return this.database.write((tx) => answerSchedule(tx, asked, answer));
  }

  restoreSchedules(): Promise<number> {
    return this.database.write((tx) => tx.schedules.restoreSchedules());
  }

  /** Reads for all of them at once: a thousand may be due in the same second. */
  async #prepare(due: readonly DueSchedule[], now: Instant): Promise<readonly PreparedSchedule[]> {
    const planned = await this.database.read(async (rows) => {
      const found: { readonly due: DueSchedule; readonly runs: readonly KeylessRun[] }[] = [];
      for (const one of due) found.push(await this.#planOne(rows, one, now));
      return found;
    });
    const prepared: PreparedSchedule[] = [];
    for (const one of planned) {
      const runs: PlannedRun[] = [];
      for (const run of one.runs) runs.push(await this.withKeys(run));
      prepared.push({ due: one.due, runs });
    }
    return prepared;
  }

  async #planOne(rows: Reader, due: DueSchedule, now: Instant) {
    if (due.kind === "faulty") return { due, runs: [] };
    try {
      const runs: KeylessRun[] = [];
      for (const run of due.runs) runs.push(await this.planIn(rows, run));
      return { due, runs };
    } catch (error) {
      if (!isOfData(error)) throw error;
      return { due: faulty(due.row, error, now), runs: [] };
    }
  }

  /** One that makes the transaction fail is found by doing each alone, and set aside with its error. */
  async #fire(prepared: readonly PreparedSchedule[]): Promise<number> {
    try {
      return await this.database.write((tx) => fireSchedules(tx, prepared));
    } catch (error) {
      const [only] = prepared;
      if (only === undefined || !isOfData(error)) throw error;
      if (prepared.length > 1) return this.#fireEach(prepared);
      const { row } = only.due;
      return this.database.write((tx) => fireSchedules(tx, [{ due: faulty(row, error, tx.now), runs: [] }]));
    }
  }

  async #fireEach(prepared: readonly PreparedSchedule[]): Promise<number> {
    let created = 0;
    for (const one of prepared) created += await this.#fire([one]);
    return created;
  }
}

/** A database that cannot be reached says nothing about what was to be written. */
function isOfData(error: unknown): boolean {
  return !(error instanceof BatutaError) || error.code === "internal" || error.code === "not_found";
}
