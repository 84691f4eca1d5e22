import { OF_RUN } from "../core/deadline/plan-deadlines.ts";
import type { MissedRow } from "./deadline-rows.ts";
import type { DeadlineStore, MissedDeadline, MissedFacts } from "./deadline-store.ts";
import type { RunId } from "./run-id.ts";
import { StoredBackfills } from "./stored-backfills.ts";

/** Deadlines that were missed. */
export abstract class StoredDeadlines extends StoredBackfills implements DeadlineStore {
  async missedDeadlines(runs: readonly RunId[]): Promise<readonly MissedDeadline[]> {
    if (runs.length === 0) return [];
    return this.database.read(async (rows) => (await rows.deadlines.missed(runs)).map(toMissedDeadline));
  }
}

function toMissedDeadline({ runId, task, missedAt, missed }: MissedRow): MissedDeadline {
  const facts = JSON.parse(missed) as MissedFacts;
  return { runId, missedAt, ...(task === OF_RUN ? {} : { taskIndex: task }), ...facts };
}
