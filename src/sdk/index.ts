/**
 * What users import to write pipelines.
 *
 * @example
 * import { cron, exponential, pipeline } from "batuta";
 *
 * export default pipeline(
 *   "daily_sales_report",
 *   { schedule: cron("0 6 * * *"), retries: exponential({ limit: 4 }) },
 *   ({ task }) => {
 *     const orders = task("extract_orders", async ({ interval }) => fetchOrders(interval));
 *     task("count_orders", { input: { orders } }, ({ input }) => input.orders.length);
 *   },
 * );
 */
export type { FailureView, PipelineDefinition } from "../core/definition.ts";
export type { Json, Jsonify } from "../core/json.ts";
export type { Mapped } from "../core/mapped.ts";
export { BatutaError } from "../core/problem.ts";
export type { SourceCursor } from "../core/source-cursor.ts";
export type { IntervalView, Outcome, RunEvent, TaskLog } from "../core/task-context.ts";
export type { TriggerRule } from "../core/trigger-rule.ts";
export { type Asset, type AssetOptions, asset, type DailyPartitions, daily } from "./asset.ts";
export type { BackfillPipelineOptions } from "./backfill-options.ts";
export type { CacheOptions } from "./cache-options.ts";
export type { CursorContext, CursorOption, CursorValueOf } from "./cursor-option.ts";
export { beforeNext, by, type Deadline, type DeadlineOption, slowerThan } from "./deadline-options.ts";
export type { Choice, Decision, DecisionOptions, DefineBranch, DefineShortCircuit } from "./define-branch.ts";
export { defineSensor, type SensorContext, type SensorKind, type SensorValue } from "./define-sensor.ts";
export type { DefineTask, Work } from "./define-task.ts";
export type { GroupOptions } from "./group-options.ts";
export type { GroupRef, OutsideMap } from "./group-ref.ts";
export type { KeyedLimit, LimitOptions, PoolRequest } from "./limit-options.ts";
export type { ItemContext, ItemOf, MapOptions, MapSource } from "./map-options.ts";
export { type NotYetOptions, notYet } from "./not-yet.ts";
export type { Nothing } from "./nothing.ts";
export { type EventOptions, onEvent } from "./on-event.ts";
export { type OnFileOptions, onFile } from "./on-file.ts";
export { type OnPipelineOptions, onPipeline } from "./on-pipeline.ts";
export type { ParamsSchema } from "./params.ts";
export { type ParamsOf, type PipelineOptions, pipeline } from "./pipeline.ts";
export type { DefineGroup, PipelineBuilder } from "./pipeline-builder.ts";
export {
  type DelayFunction,
  delays,
  type ExponentialOptions,
  exponential,
  fixed,
  type Retries,
  type RetryOptions,
} from "./retries.ts";
export type { RunLimitOptions } from "./run-limits.ts";
export {
  type ContinuousOptions,
  continuous,
  cron,
  type EveryOptions,
  every,
  type NextTick,
  type OnceOptions,
  once,
  type Schedule,
  timetable,
} from "./schedule.ts";
export type { FilterOptions, WindowOptions } from "./schedule-filter.ts";
export type { CommonScheduleOptions, ScheduleOptions } from "./schedule-options.ts";
export type { GrowingWait, SensorOptions } from "./sensor-options.ts";
export type { Serialisable } from "./serialisable.ts";
export { FatalError, fatal, SkipSignal, skip } from "./signals.ts";
export type { TaskContext } from "./task-context.ts";
export {
  type CommandOptions,
  defineTaskKind,
  type FunctionKind,
  type PipelineKind,
  type ProcessKind,
  type TaskKind,
} from "./task-kind.ts";
export type { ContextOf, InputOf, Inputs, TaskOptions, TaskOrName } from "./task-options.ts";
export type { TaskRef } from "./task-ref.ts";
export type { Trigger, TriggerOptions } from "./trigger-options.ts";
export type { Where } from "./where-option.ts";
