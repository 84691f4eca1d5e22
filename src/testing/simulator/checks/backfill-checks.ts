import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import type { Probes } from "../probes.ts";
import { probe } from "../probes.ts";
import { referenceTicks } from "../reference/reference-ticks.ts";
import type { ActionPlan } from "../workload/scenario.ts";

/** Whether every backfill has come to an end. */
export function areBackfillsOver(db: SqliteConnection): boolean {
  return db.get<{ count: number }>("select count(*) as count from backfill where finished_at is null")?.count === 0;
}

/** I23, BF-2, BF-5: each interval once, whoever has asked for it how often, and none is forgotten. */
export function checkBackfills(
  db: SqliteConnection,
  actions: readonly ActionPlan[],
  { findings, probes }: { readonly findings: Findings; readonly probes: Probes },
): void {
  for (const row of db.all<BackfillOnDisk>(SELECT_BACKFILLS)) {
    const runs = db.all<RunOnDisk>(SELECT_RUNS, row.key);
    const plan = actions.find((action) => action.kind === "backfill" && action.key === row.requestKey);
    if (plan?.kind !== "backfill") throw new Error(`Nobody has planned backfill ${row.requestKey}`);
    probes.reached(probe(`backfill ${row.state}`));
    const ends = runs.map(({ end }) => end);
    const name = `${row.requestKey} (${row.key})`;
    findings.expect(new Set(ends).size === ends.length, "I23", () => `${name} has made an interval twice: ${ends}`);
    const bounds = referenceTicks(plan.schedule, row.start, row.end);
    const steps = new Map(bounds.slice(1).map((end, index) => [end, bounds[index]]));
    const stray = runs.find(({ start, end }) => steps.get(end) !== start);
    findings.expect(stray === undefined, "TI-1", () => `${name}: ${stray?.start} to ${stray?.end} is no interval`);
    findings.expect(
      steps.size === row.intervals,
      "I23",
      () => `${name} has ${row.intervals} of ${steps.size} intervals`,
    );
    const decided = runs.length + row.left;
    const isWhole = row.state === "cancelled" || decided === row.intervals;
    findings.expect(
      isWhole,
      "BF-5",
      () => `${name} is ${row.state} with ${decided} of ${row.intervals} intervals decided`,
    );
  }
}

interface BackfillOnDisk {
  readonly key: number;
  readonly requestKey: string;
  readonly state: string;
  readonly start: number;
  readonly end: number;
  readonly intervals: number;
  /** Intervals that were left as they are. */
  readonly left: number;
}

interface RunOnDisk {
  readonly start: number;
  readonly end: number;
}

const SELECT_BACKFILLS = `
  select key, request_key as requestKey, state, range_start as start, range_end as end, intervals,
    in_flight + succeeded + failed + filtered as left
  from backfill order by key`;

const SELECT_RUNS = `
  select interval_start as start, interval_end as end
  from run join run_request on run_request.run_key = run.key where made_by_backfill = ? order by run.key`;
