import { closestName } from "../core/closest-name.ts";
import type { SourceLocation, TaskSpec } from "../core/manifest.ts";
import { TRIGGER_RULES, type TriggerRule } from "../core/trigger-rule.ts";
import { type Asset, isAsset } from "./asset.ts";
import { definitionError } from "./call-site.ts";
import { type CursorOption, readCursor } from "./cursor-option.ts";
import { readDeadlines } from "./deadline-options.ts";
import { readLimits } from "./limit-options.ts";
import type { MapSource } from "./map-options.ts";
import {
  booleanOf,
  bytesOf,
  describe,
  durationOf,
  isText,
  listOf,
  nameOf,
  textOf,
  wholeNumberOf,
} from "./option-values.ts";
import { type Retries, retriesFrom } from "./retries.ts";
import type { Inputs, TaskOptions } from "./task-options.ts";

/** What a pipeline says for all of its tasks. */
export interface TaskDefaults {
  readonly retries: Retries;
  readonly timeoutMs: number | undefined;
  readonly queue: string;
  readonly priority: number;
  readonly priorityBy?: "critical_path";
}

export type GivenOptions = TaskOptions<
  Inputs,
  TriggerRule,
  unknown,
  boolean | Promise<boolean>,
  unknown,
  MapSource,
  CursorOption
>;

/** A task's specification but for what its work and its place in the graph add. */
export type TaskSettings = Omit<
  TaskSpec,
  | (
      | "name"
      | "location"
      | "kind"
      | "execution"
      | "retries"
      | "hasRetryCode"
      | "hasDoneWhen"
      | "doneWhenAsset"
      | "hasRunIf"
      | "cache"
    )
  | ("upstream" | "input" | "group" | "gates" | "decides" | "cleanup" | "map" | "isMapSource")
>;

const GRACE_MS = 10_000;
const LOST_LIMIT = 3;
const TIMEOUT_MS_MAX = 30 * 24 * 60 * 60 * 1000;
const TOTAL_TIMEOUT_MS_MAX = 365 * 24 * 60 * 60 * 1000;
const GRACE_MS_MAX = 60 * 60 * 1000;

/** Reads everything that is plain data, with the pipeline's defaults for what is left out. */
export function readSettings(
  options: GivenOptions,
  what: string,
  defaults: TaskDefaults,
  at: SourceLocation,
): TaskSettings {
  const { description, timeout, grace, memoryLimit, queue, priority, lostLimit } = options;
  const isTeardown = options.teardown !== undefined;
  const timeoutMs = timeout === undefined ? defaults.timeoutMs : timeoutOf(timeout, what, at);
  const { totalTimeout } = options;
  const cursor = readCursor(options.cursor, what, at);
  const option = (name: string): string => `\`${name}\` of ${what}`;
  return {
    ...(description === undefined ? {} : { description: textOf(description, option("description"), at) }),
    when: options.when === undefined ? "all_success" : triggerRule(options.when, what, at),
    lostLimit: lostLimit === undefined ? LOST_LIMIT : wholeNumberOf(lostLimit, option("lostLimit"), at, { min: 0 }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(totalTimeout === undefined
      ? {}
      : {
          totalTimeoutMs: durationOf(totalTimeout, option("totalTimeout"), at, { min: 1, max: TOTAL_TIMEOUT_MS_MAX }),
        }),
    ...readDeadlines(options.deadline, what, at),
    graceMs: grace === undefined ? GRACE_MS : durationOf(grace, option("grace"), at, { max: GRACE_MS_MAX }),
    ...(memoryLimit === undefined ? {} : { memoryLimitBytes: bytesOf(memoryLimit, option("memoryLimit"), at) }),
    queue: queue === undefined ? defaults.queue : nameOf(queue, option("queue"), at),
    ...(priority === undefined ? priorityDefaults(defaults) : priorityOf(priority, option("priority"), at)),
    ...readLimits(options, what, at),
    ...(cursor === undefined ? {} : { cursor }),
    allowFailure: flagOf(options.allowFailure, option("allowFailure"), at, { absent: isTeardown }),
    ...(flagOf(options.setup, option("setup"), at, { absent: false }) ? { role: "setup" } : {}),
    ...(isTeardown ? { role: "teardown" } : {}),
    inputs: assets(options.inputs, option("inputs"), at).map(({ key }) => ({ key })),
    outputs: assets(options.outputs, option("outputs"), at).map(refOf),
    connections: connectionNames(options.connections, option("connections"), at),
  };
}

export function readRetries(options: GivenOptions, what: string, defaults: TaskDefaults, at: SourceLocation): Retries {
  return options.retries === undefined ? defaults.retries : retriesFrom(options.retries, what, at);
}

type Priority = Pick<TaskSpec, "priority" | "priorityBy">;

export function priorityOf(given: unknown, what: string, at: SourceLocation): Priority {
  if (given === "critical_path") return { priority: 0, priorityBy: "critical_path" };
  if (typeof given === "string") {
    throw definitionError(`${what} is ${describe(given)}.`, at, 'Write a whole number, or "critical_path".');
  }
  return { priority: wholeNumberOf(given, what, at) };
}

function priorityDefaults({ priority, priorityBy }: TaskDefaults): Priority {
  return { priority, ...(priorityBy === undefined ? {} : { priorityBy }) };
}

export function timeoutOf(given: unknown, what: string, at: SourceLocation): number {
  return durationOf(given, `\`timeout\` of ${what}`, at, { min: 1, max: TIMEOUT_MS_MAX });
}

function flagOf(given: unknown, what: string, at: SourceLocation, { absent }: { readonly absent: boolean }): boolean {
  return given === undefined ? absent : booleanOf(given, what, at);
}

export function triggerRule(given: unknown, what: string, at: SourceLocation): TriggerRule {
  const rule = TRIGGER_RULES.find((known) => known === given);
  if (rule !== undefined) return rule;
  const meant = typeof given === "string" ? closestName(given, TRIGGER_RULES) : undefined;
  const hint = meant === undefined ? `Trigger rules: ${TRIGGER_RULES.join(", ")}.` : `Did you mean "${meant}"?`;
  throw definitionError(`\`when\` of ${what} is ${describe(given)}, which is no trigger rule.`, at, hint);
}

function assets(given: unknown, what: string, at: SourceLocation): readonly Asset[] {
  if (given === undefined) return [];
  const hint = 'Write a list of assets: outputs: [asset("warehouse/orders")].';
  return listOf(given, isAsset, { what, at, hint });
}

function refOf({ key, deadline }: Asset): TaskSettings["outputs"][number] {
  if (deadline?.kind !== "by") return { key };
  const { batuta: _, ...clock } = deadline;
  return { key, deadline: clock };
}

function connectionNames(given: unknown, what: string, at: SourceLocation): readonly string[] {
  if (given === undefined) return [];
  const names = listOf(given, isText, { what, at, hint: 'Write a list of names: connections: ["warehouse"].' });
  return names.map((name) => nameOf(name, what, at));
}
