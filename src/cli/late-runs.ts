import type { MissedDeadline } from "../store/deadline-store.ts";
import type { RunId, RunRecord, Store } from "../store/store.ts";

/** A missed deadline as `--json` shows it; instants are ISO 8601 in UTC. */
export interface MissReport {
  /** Absent = the run itself is late. */
  readonly task?: string;
  readonly deadline: string;
  readonly dueAt: string;
  readonly missedAt: string;
  /** What it waited for when the miss was found. */
  readonly waitsFor: readonly string[];
}

/** The missed deadlines of these runs. */
export async function missesOf(
  store: Pick<Store, "missedDeadlines">,
  runs: readonly Pick<RunRecord, "id">[],
): Promise<ReadonlyMap<RunId, readonly MissedDeadline[]>> {
  const found = await store.missedDeadlines(runs.map(({ id }) => id));
  return Map.groupBy(found, ({ runId }) => runId);
}

export function missReports(misses: readonly MissedDeadline[]): { readonly missedDeadlines?: readonly MissReport[] } {
  return misses.length === 0 ? {} : { missedDeadlines: misses.map(missReport) };
}

function missReport({ task, deadline, dueAt, missedAt, waitsFor }: MissedDeadline): MissReport {
  const [due, missed] = [dueAt, missedAt].map((at) => new Date(at).toISOString());
  return {
    ...(task === undefined ? {} : { task }),
    ...{ deadline, dueAt: due ?? "", missedAt: missed ?? "", waitsFor },
  };
}
