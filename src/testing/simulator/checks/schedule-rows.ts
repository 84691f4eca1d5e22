import type { ScheduleSpec } from "../../../core/schedule/schedule-spec.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";

/** A schedule as the database has it at one moment. */
export interface SeenSchedule {
  readonly key: number;
  readonly name: string;
  readonly spec: ScheduleSpec;
  readonly origin: number;
  readonly mark: number | null;
  readonly nextAt: number | null;
  readonly rest: string | null;
  readonly fault: string | null;
  readonly lastRun: string | null;
  readonly isRemoved: boolean;
  readonly isPaused: boolean;
  /** Ticks that were left out so far. */
  readonly missed: number;
  readonly byCalendar: number;
  readonly made: number;
}

/** A run that a schedule has made. */
export interface MadeRun {
  readonly id: string;
  readonly version: string;
  readonly start: number;
  readonly end: number;
  readonly isPartial: number;
}

export function readSchedules(db: SqliteConnection): readonly SeenSchedule[] {
  return db.all<Omit<SeenSchedule, "spec"> & { readonly spec: string }>(SELECT_SCHEDULES).map((row) => ({
    ...row,
    spec: JSON.parse(row.spec) as ScheduleSpec,
    isRemoved: Boolean(row.isRemoved),
    isPaused: Boolean(row.isPaused),
  }));
}

/** In the order in which they were made, without the first `skipped`. */
export function readMadeRuns(db: SqliteConnection, scheduleKey: number, skipped: number): readonly MadeRun[] {
  return db.all<MadeRun>(SELECT_RUNS, scheduleKey, skipped);
}

export function readCurrentVersion(db: SqliteConnection): string | undefined {
  return db.get<{ hash: string }>("select version_hash as hash from deployment")?.hash;
}

const SELECT_SCHEDULES = `
  select key, schedule.pipeline || '/' || name as name, spec, origin, mark, next_at as nextAt, rest, fault,
    last_run as lastRun, removed_at is not null as isRemoved,
    exists (select 1 from pipeline_state
      where pipeline_state.pipeline = schedule.pipeline and paused_at is not null) as isPaused,
    coalesce((select sum(ticks) from schedule_gap where schedule_key = key and reason = 'missed'), 0) as missed,
    coalesce((select sum(ticks) from schedule_gap where schedule_key = key and reason = 'calendar'), 0) as byCalendar,
    (select count(*) from scheduled_run where schedule_key = key) as made
  from schedule order by key`;

const SELECT_RUNS = `
  select run.id, version.hash as version, interval_start as start, run_request.interval_end as end,
    is_partial as isPartial
  from scheduled_run join run on run.id = scheduled_run.run_id join run_request on run_request.run_key = run.key
    join version on version.key = run.version_key
  where scheduled_run.schedule_key = ? order by run.key limit -1 offset ?`;
