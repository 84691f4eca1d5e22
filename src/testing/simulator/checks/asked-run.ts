import type { SqliteConnection } from "../../../store/sqlite/connection.ts";

/** What somebody has asked for when a run was created. */
export interface AskedRun {
  readonly only: readonly number[] | undefined;
  readonly schedule: string;
  readonly intervalStart: number;
  readonly intervalEnd: number;
  readonly customer: string | null;
  /** The backfill it belongs to. */
  readonly backfill: number | null;
}

export function readAskedRun(
  db: SqliteConnection,
  runKey: number,
): (AskedRun & { readonly id: string; readonly pipeline: string }) | undefined {
  const run = db.get<RunOnDisk>(SELECT_RUN, runKey);
  if (run === undefined) return undefined;
  const { only, params, ...rest } = run;
  const { customer = null } = JSON.parse(params) as { readonly customer?: string };
  return { ...rest, customer, only: only === null ? undefined : (JSON.parse(only) as number[]) };
}

interface RunOnDisk {
  readonly id: string;
  readonly pipeline: string;
  readonly only: string | null;
  readonly schedule: string;
  readonly intervalStart: number;
  readonly intervalEnd: number;
  readonly params: string;
  readonly backfill: number | null;
}

const SELECT_RUN = `
  select run.id, run.pipeline, run_request.only_tasks as only, run_request.schedule,
    interval_start as intervalStart, interval_end as intervalEnd, params, run.backfill_key as backfill
  from run join run_request on run_request.run_key = run.key where run.key = ?`;
