import { formatDuration } from "../../core/duration.ts";
import { BatutaError } from "../../core/problem.ts";
import { timeZone } from "../../core/time-zone.ts";
import type { TaskContext } from "../../sdk/task-context.ts";
import type { Database, MomentType } from "./connection.ts";

/** The run's interval as a column sees it: from `start`, up to but without `end`. */
export interface PartitionBounds {
  readonly type: MomentType;
  readonly start: string;
  readonly end: string;
}

export type IntervalContext = Pick<TaskContext, "interval" | "ds" | "timezone">;

/**
 * The table and column that hold partitions.
 *
 * @example
 * const target: PartitionTarget = { table: "warehouse.daily_revenue", column: "day" };
 */
export interface PartitionTarget {
  /** `table` or `schema.table`. */
  readonly table: string;
  /** A column of dates or timestamps, which tells what belongs to the run's interval. */
  readonly column: string;
  /** How the column keeps its moments, where its type does not say so (as in SQLite). */
  readonly type?: "date" | "timestamp";
}

/**
 * Bounds of the run's interval for a column. A date column takes local dates in the pipeline's zone, a timestamp
 * without zone takes UTC. Throws when the interval is empty, or shorter than the column can tell.
 */
export async function partitionBounds(
  database: Database,
  target: PartitionTarget,
  context: IntervalContext,
): Promise<PartitionBounds> {
  const { start, end } = context.interval;
  if (start.getTime() >= end.getTime()) {
    throw new BatutaError(
      "invalid_date",
      `The run has no interval to load: it begins and ends at ${start.toISOString()}.`,
      {
        hint: "Run it for a day with --date 2024-01-31, or give the pipeline a schedule.",
      },
    );
  }
  const type = await momentType(database, target);
  return type === "date" ? dateBounds(target, context) : timestampBounds(database, type, context);
}

async function momentType(database: Database, { table, column, type }: PartitionTarget): Promise<MomentType> {
  const declared = await database.columnType(table, column);
  if (type === "date") return "date";
  const zoned = declared.startsWith("timestamp with time zone") || declared === "timestamptz";
  if (type === "timestamp") return zoned ? "timestamptz" : "timestamp";
  if (zoned) return "timestamptz";
  if (declared.startsWith("timestamp") || declared.startsWith("datetime")) return "timestamp";
  if (declared === "date") return "date";
  throw new BatutaError(
    "invalid_definition",
    `Column ${column} of ${table} is ${declared || "of no type"}, no date or timestamp.`,
    {
      hint: 'Say what it holds with type: "date" or type: "timestamp", or name another column.',
    },
  );
}

function dateBounds({ table, column }: PartitionTarget, { interval, ds, timezone }: IntervalContext): PartitionBounds {
  const end = timeZone(timezone).dateOf(interval.end.getTime());
  if (end > ds) return { type: "date", start: ds, end };
  const length = formatDuration(interval.end.getTime() - interval.start.getTime());
  throw new BatutaError(
    "invalid_date",
    `Column ${column} of ${table} holds dates, but the run's interval is ${length}.`,
    {
      hint: "Load by a timestamp column, or run the pipeline by the day.",
    },
  );
}

function timestampBounds(database: Database, type: MomentType, { interval }: IntervalContext): PartitionBounds {
  const text = (moment: Date): string => {
    const iso = moment.toISOString();
    return type === "timestamp" && database.kind !== "sqlite" ? iso.replace("T", " ").replace("Z", "") : iso;
  };
  return { type, start: text(interval.start), end: text(interval.end) };
}
