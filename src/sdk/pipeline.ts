import { closestName } from "../core/closest-name.ts";
import type { PipelineDefinition } from "../core/definition.ts";
import type { Json, Jsonify } from "../core/json.ts";
import type { PipelineSpec, SourceLocation, TaskSpec } from "../core/manifest.ts";
import { checkName } from "../core/names.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import { type BackfillPipelineOptions, readBackfillOptions } from "./backfill-options.ts";
import { callSite, definitionError } from "./call-site.ts";
import { compileDrafts } from "./compile-drafts.ts";
import { checkDeadlines } from "./deadline-options.ts";
import type { Drafts } from "./drafts.ts";
import { NameSpace, runBuild } from "./name-space.ts";
import type { Nothing } from "./nothing.ts";
import { checkOptionNames, nameOf, describe as shown, textOf } from "./option-values.ts";
import { type ParamsSchema, paramsJsonSchema, parseParams } from "./params.ts";
import type { PipelineBuilder } from "./pipeline-builder.ts";
import { type CompiledSchedules, caughtUp, compileSchedules } from "./pipeline-schedules.ts";
import { readTriggers } from "./read-triggers.ts";
import { NO_RETRIES, type Retries, retriesFrom } from "./retries.ts";
import { RUN_LIMIT_NAMES, type RunLimitOptions, readRunLimits } from "./run-limits.ts";
import type { Schedule } from "./schedule.ts";
import { priorityOf, type TaskDefaults, timeoutOf } from "./task-settings.ts";
import type { Trigger } from "./trigger-options.ts";

/**
 * What may be said of a pipeline; `retries`, `timeout`, `queue` and `priority` are defaults for its tasks.
 *
 * @example
 * const options: PipelineOptions = { owner: "sales-data", tags: ["finance"], retries: 3, timeout: "15m" };
 */
export interface PipelineOptions<S extends ParamsSchema | undefined = ParamsSchema | undefined>
  extends RunLimitOptions {
  readonly description?: string;
  readonly owner?: string;
  readonly tags?: readonly string[];
  /** When it runs by itself: one schedule, or several, each with a name of its own. */
  readonly schedule?: Schedule | readonly Schedule[];
  /** What starts runs when something happens, one or a list: `onEvent`, `onPipeline`. */
  readonly on?: Trigger | readonly Trigger[];
  /** A zod object. Tasks receive its output as `params`, after a trip through JSON. */
  readonly params?: S;
  readonly retries?: number | Retries;
  readonly timeout?: string | number;
  readonly queue?: string;
  readonly priority?: number | "critical_path";
  /** How its backfills run: one run for a whole range, or so many at a time. */
  readonly backfill?: BackfillPipelineOptions;
  /** Name of the task whose value a pipeline receives that runs this one as its child. */
  readonly result?: string;
}

/**
 * The parameters as tasks see them.
 *
 * @example
 * type Params = ParamsOf<typeof schema>; // { region: "eu" | "us" }
 */
export type ParamsOf<S> = S extends ParamsSchema<infer Output> ? Jsonify<Output> : Nothing;

/**
 * Defines a pipeline: a name, options, and a function that defines its tasks. A pipeline file exports what comes back.
 * Wrong definitions throw a `BatutaError` with code `invalid_definition`, the place in the file and how to mend it.
 *
 * @example
 * export default pipeline("daily_sales_report", { schedule: cron("0 6 * * *") }, ({ task }) => {
 *   const orders = task("extract_orders", async ({ interval }) => fetchOrders(interval));
 *   task("count_orders", { input: { orders } }, ({ input }) => input.orders.length);
 * });
 */
export function pipeline(name: string, build: (builder: PipelineBuilder) => void): PipelineDefinition;
export function pipeline<S extends ParamsSchema | undefined = undefined>(
  name: string,
  options: PipelineOptions<S>,
  build: (builder: PipelineBuilder<ParamsOf<S>>) => void,
): PipelineDefinition;
export function pipeline(
  name: string,
  optionsOrBuild: PipelineOptions | ((builder: PipelineBuilder) => void),
  buildOrNothing?: (builder: PipelineBuilder) => void,
): PipelineDefinition {
  const location = callSite(pipeline);
  const options = typeof optionsOrBuild === "function" ? {} : optionsOrBuild;
  const build = typeof optionsOrBuild === "function" ? optionsOrBuild : buildOrNothing;
  checkName("pipeline", name, location);
  checkOptionNames(options, PIPELINE_OPTION_NAMES, `pipeline "${name}"`, location);
  const schedules = compileSchedules(options.schedule, { name, location, params: options.params });
  const description = describe(options, schedules.specs, { name, location });
  const drafts: Drafts = { pipeline: name, tasks: [], groups: [], functions: new Map() };
  const space = new NameSpace(drafts, taskDefaults(options, name, location));
  runBuild(build, space, { what: `pipeline "${name}"`, at: location });
  if (drafts.tasks.length + drafts.groups.length === 0) throw noTask(name, location);
  const { tasks, groups } = compileDrafts(drafts);
  checkDeadlines({ ...description, tasks }, name, location);
  return {
    batuta: "pipeline",
    spec: {
      name,
      location,
      ...description,
      ...caughtUp(schedules, tasks),
      tasks,
      ...(groups.length === 0 ? {} : { groups }),
      ...resultOf(options.result, tasks, { name, location }),
    },
    functions: drafts.functions,
    ...codeOf(schedules),
    parseParams: (raw) => parseParams(options.params, name, raw),
  };
}

const PIPELINE_OPTION_NAMES = [
  "description",
  "owner",
  "tags",
  "schedule",
  "on",
  "params",
  "retries",
  "timeout",
  "queue",
  "priority",
  ...RUN_LIMIT_NAMES,
  "backfill",
  "result",
] as const satisfies readonly (keyof PipelineOptions)[];

function noTask(name: string, location: SourceLocation): Error {
  const hint = 'Define one: task("first", async ({ log }) => log.info("hello")).';
  return definitionError(`Pipeline "${name}" has no task.`, location, hint);
}

function taskDefaults(options: PipelineOptions, name: string, at: SourceLocation): TaskDefaults {
  const what = `pipeline "${name}"`;
  return {
    retries: options.retries === undefined ? NO_RETRIES : retriesFrom(options.retries, what, at),
    timeoutMs: options.timeout === undefined ? undefined : timeoutOf(options.timeout, what, at),
    queue: options.queue === undefined ? DEFAULT_QUEUE : nameOf(options.queue, `\`queue\` of ${what}`, at),
    ...priorityOf(options.priority ?? 0, `\`priority\` of ${what}`, at),
  };
}

const DEFAULT_QUEUE = "default";

function resultOf(
  given: unknown,
  tasks: readonly TaskSpec[],
  { name, location }: Pick<PipelineSpec, "name" | "location">,
): Pick<PipelineSpec, "result"> {
  if (given === undefined) return {};
  const names = tasks.flatMap((task) => (task.execution.via === "none" ? [] : [task.name]));
  const result = tasks.findIndex((task) => task.name === given && task.execution.via !== "none");
  if (result >= 0) return { result };
  const meant = typeof given === "string" ? closestName(given, names) : undefined;
  const hint = meant === undefined ? "Name the task whose value it is." : `Did you mean "${meant}"?`;
  throw definitionError(`\`result\` of pipeline "${name}" is ${shown(given)}, which is no task of it.`, location, hint);
}

type Description = Omit<PipelineSpec, "name" | "location" | "tasks" | "groups" | "result" | "graphHash">;

function codeOf({ timetables, parseScheduleParams }: CompiledSchedules): Partial<PipelineDefinition> {
  return {
    ...(timetables === undefined ? {} : { timetables }),
    ...(parseScheduleParams === undefined ? {} : { parseScheduleParams }),
  };
}

function describe(
  options: PipelineOptions,
  schedules: readonly ScheduleSpec[],
  { name, location: at }: Pick<PipelineSpec, "name" | "location">,
): Description {
  const { description, owner, tags = [], on, params, backfill } = options;
  const what = `pipeline "${name}"`;
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string" && tag !== "")) {
    throw definitionError(`\`tags\` of ${what} is no list of words.`, at, 'Write tags: ["finance"].');
  }
  const schema: Json | undefined = params === undefined ? undefined : paramsJsonSchema(params, name, at);
  return {
    ...(description === undefined ? {} : { description: textOf(description, `\`description\` of ${what}`, at) }),
    ...(owner === undefined ? {} : { owner: textOf(owner, `\`owner\` of ${what}`, at) }),
    tags: [...tags],
    timezone: schedules[0]?.timezone ?? "UTC",
    ...(schedules.length === 0 ? {} : { schedules }),
    ...(on === undefined ? {} : { triggers: readTriggers(on, params, { name, location: at }) }),
    ...(schema === undefined ? {} : { params: schema }),
    ...readRunLimits(options, what, at),
    ...(backfill === undefined ? {} : readBackfillOptions(backfill, what, at)),
  };
}
