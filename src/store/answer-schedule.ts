import { BatutaError } from "../core/problem.ts";
import { beginOf } from "../core/schedule/plan-ticks.ts";
import type { TickAnswer } from "../core/schedule/schedule-state.ts";
import { setAside } from "./fire-schedules.ts";
import { Deployments, stateOf, versionOf } from "./plan-due-schedules.ts";
import { faultAfter, noteFault } from "./schedule-fault.ts";
import type { ScheduleToAsk } from "./schedule-store.ts";
import type { Reader, Transaction } from "./transaction.ts";
import { WorkingSet } from "./working-set.ts";

/** Schedules that are asked together. */
const ASKED_MAX = 100;

/** Schedules whose functions are to be asked, each with the moment after which its ticks are wanted. */
export async function schedulesToAsk(rows: Reader): Promise<readonly ScheduleToAsk[]> {
  const deployments = new Deployments(rows);
  const asked: ScheduleToAsk[] = [];
  for (const row of await rows.schedules.schedulesToAsk(ASKED_MAX)) {
    const { key, generation, project, pipeline, name } = row;
    const versionHash = versionOf(await deployments.of(project), row);
    const after = beginOf(stateOf(row));
    asked.push({ key, generation, project, pipeline, schedule: name, versionHash, after, until: rows.now });
  }
  return asked;
}

/** Keeps what a function has said: its schedule is due at once. Or how it failed: then it is asked again after a while. */
export async function answerSchedule(
  tx: Transaction,
  { key, generation }: ScheduleToAsk,
  answer: TickAnswer | BatutaError,
): Promise<boolean> {
  const [row] = await tx.schedules.lockSchedules([key]);
  if (row === undefined || row.generation !== generation || row.rest !== "code" || row.removedAt !== null) return false;
  const isFaulty = answer instanceof BatutaError;
  if (!isFaulty) await tx.schedules.keepAnswer(key, JSON.stringify(answer));
  const decided = isFaulty
    ? setAside(row, faultAfter(row.fault, answer, tx.now), tx.now)
    : { ...row, nextAt: tx.now, rest: null, fault: null };
  await tx.schedules.decideSchedules([decided]);
  const set = new WorkingSet(tx.now);
  noteFault(set, row, decided);
  await tx.apply(set.changes());
  return true;
}
