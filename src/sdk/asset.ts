import type { SourceLocation } from "../core/source-location.ts";
import { callSite, definitionError } from "./call-site.ts";
import { type Deadline, isDeadline } from "./deadline-options.ts";
import { checkOptionNames } from "./option-values.ts";
import type { TaskContext } from "./task-context.ts";

/**
 * A table, file or model that tasks read and write, named by a key of words between slashes.
 *
 * @example
 * const revenue: Asset = asset("warehouse/daily_revenue");
 */
export interface Asset<E extends boolean | Promise<boolean> = boolean | Promise<boolean>> {
  readonly batuta: "asset";
  readonly key: string;
  readonly partitions?: DailyPartitions;
  readonly description?: string;
  /** Whether it is there, for the run that asks: lets a task be `doneWhen` it is. */
  readonly exists?: (context: TaskContext) => E;
  readonly deadline?: Deadline;
}

/** @example asset("warehouse/daily_revenue", { partitions: daily({ start: "2024-01-01" }) }) */
export interface AssetOptions<E extends boolean | Promise<boolean> = boolean | Promise<boolean>> {
  readonly exists?: (context: TaskContext) => E;
  readonly partitions?: DailyPartitions;
  readonly description?: string;
  /** Each day it must have been made by a time of day, `by("08:00")`, since that time of the day before. */
  readonly deadline?: Deadline;
}

/** @example const partitions: DailyPartitions = daily({ start: "2024-01-01" }); */
export interface DailyPartitions {
  readonly kind: "daily";
  /** The first day, `YYYY-MM-DD`. */
  readonly start: string;
}

/**
 * Names a table, file or model. Tasks say what they read and write with `inputs` and `outputs`.
 *
 * @example
 * const revenue = asset("warehouse/daily_revenue", { partitions: daily({ start: "2024-01-01" }) });
 * task("load_warehouse", { outputs: [revenue] }, load);
 */
export function asset<E extends boolean | Promise<boolean> = never>(
  key: string,
  options: AssetOptions<E> = {},
): Asset<E> {
  const at = callSite(asset);
  checkOptionNames(options, ["partitions", "description", "exists", "deadline"], `asset "${key}"`, at);
  if (typeof key !== "string" || !ASSET_KEY.test(key)) {
    const hint = 'Write words between slashes, such as "warehouse/daily_revenue".';
    throw definitionError(`The asset key ${JSON.stringify(key)} is not allowed.`, at, hint);
  }
  if (options.exists !== undefined && typeof options.exists !== "function") {
    throw definitionError(`\`exists\` of asset "${key}" is no function.`, at, "Give a function of the context.");
  }
  if (options.deadline !== undefined) refuseOtherDeadline(options.deadline, key, at);
  return Object.freeze({ batuta: "asset", key, ...options });
}

function refuseOtherDeadline(given: Deadline, key: string, at: SourceLocation): void {
  if (isDeadline(given) && given.kind === "by" && given.day === 0) return;
  const hint = 'Write a time of day: deadline: by("08:00", { timezone: "Europe/Berlin" }).';
  throw definitionError(`\`deadline\` of asset "${key}" is no time of day.`, at, hint);
}

/**
 * One partition a day, from `start` on.
 *
 * @example
 * asset("warehouse/daily_revenue", { partitions: daily({ start: "2024-01-01" }) });
 */
export function daily(options: { readonly start: string }): DailyPartitions {
  const at = callSite(daily);
  checkOptionNames(options, ["start"], "daily(…)", at);
  if (!isDate(options.start)) {
    throw definitionError(
      `daily(…) starts on ${JSON.stringify(options.start)}, which is no date.`,
      at,
      'Write a day as "2024-01-31".',
    );
  }
  return Object.freeze({ kind: "daily", start: options.start });
}

export function isAsset(candidate: unknown): candidate is Asset {
  return typeof candidate === "object" && candidate !== null && "batuta" in candidate && candidate.batuta === "asset";
}

const ASSET_KEY = /^[A-Za-z0-9_][\w.-]*(?:\/[A-Za-z0-9_][\w.-]*)*$/;

function isDate(text: unknown): boolean {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
