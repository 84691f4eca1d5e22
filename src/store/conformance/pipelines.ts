import type { Json } from "../../core/json.ts";
import type { GroupSpec, MapSpec, PipelineSpec, ProjectManifest, TaskSpec } from "../../core/manifest.ts";
import { plainTask } from "../../core/plain-task-for-tests.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import type { TriggerRule } from "../../core/trigger-rule.ts";

/** A task of a test pipeline, by name: what it waits for, and what differs from the plainest task. */
export interface TaskSketch extends Partial<Omit<TaskSpec, "name" | "upstream" | "gates" | "map">> {
  readonly after?: readonly string[];
  readonly gates?: readonly string[];
  /** The group it belongs to; the junctions of a group say which groups there are. */
  readonly in?: string;
  readonly startOf?: string;
  readonly endOf?: string;
  /** The junction that waits for the tear-downs of a group. */
  readonly cleanupOf?: string;
  /** Of the end of a group: the retries of the group. */
  readonly groupRetries?: RetryPolicy;
  /** Of a task or of the start of a group: what the map goes over, a task by name or items. */
  readonly over?: string | readonly Json[];
  readonly map?: Partial<Omit<MapSpec, "over">>;
}

/** Tasks in order, upstream first. */
export type PipelineSketch = Readonly<Record<string, TaskSketch>>;

export function manifestOf(
  pipelines: Readonly<Record<string, PipelineSketch>>,
  more: Partial<PipelineSpec> = {},
): ProjectManifest {
  return { format: 1, pipelines: Object.entries(pipelines).map(([name, tasks]) => pipelineSpec(name, tasks, more)) };
}

function pipelineSpec(name: string, tasks: PipelineSketch, more: Partial<PipelineSpec>): PipelineSpec {
  return {
    name,
    location: LOCATION,
    tags: [],
    timezone: "UTC",
    tasks: taskSpecs(tasks),
    groups: groupSpecs(tasks),
    graphHash: `graph of ${name}`,
    ...more,
  };
}

function groupSpecs(tasks: PipelineSketch): readonly GroupSpec[] {
  const names = Object.keys(tasks);
  const groups = groupNames(tasks);
  return groups.map((group) => {
    const [start, first] = Object.entries(tasks).find(([, { startOf }]) => startOf === group) ?? [];
    const [end, last] = Object.entries(tasks).find(([, { endOf }]) => endOf === group) ?? [];
    const [cleanup] = Object.entries(tasks).find(([, { cleanupOf }]) => cleanupOf === group) ?? [];
    const parent = groups.indexOf(first?.in ?? last?.in ?? "");
    return {
      name: group,
      location: LOCATION,
      ...(parent < 0 ? {} : { parent }),
      ...(start === undefined ? {} : { start: names.indexOf(start) }),
      ...(end === undefined ? {} : { end: names.indexOf(end) }),
      ...(cleanup === undefined ? {} : { cleanup: names.indexOf(cleanup) }),
      ...(last?.groupRetries === undefined ? {} : { retries: last.groupRetries }),
      ...mapOf(first ?? {}, names),
    };
  });
}

function groupNames(tasks: PipelineSketch): readonly string[] {
  return [...new Set(Object.values(tasks).flatMap(({ startOf, endOf }) => startOf ?? endOf ?? []))];
}

function mapOf({ over, map }: TaskSketch, names: readonly string[]): { readonly map?: MapSpec } {
  if (over === undefined) return {};
  const source: MapSpec["over"] =
    typeof over === "string" ? { kind: "task", index: names.indexOf(over) } : { kind: "items", items: over };
  return { map: { limit: 100_000, ...map, over: source } };
}

/** `a` to `b` to `c` … */
export function chain(...names: readonly string[]): PipelineSketch {
  return Object.fromEntries(names.map((name, index) => [name, { after: names.slice(Math.max(index - 1, 0), index) }]));
}

/** One task that waits for `count` others under a rule: `up0`, `up1`, …, then `join`. */
export function join(count: number, when: TriggerRule, more: PipelineSketch = {}): PipelineSketch {
  const upstream = Array.from({ length: count }, (_, index) => `up${index}`);
  return { ...Object.fromEntries(upstream.map((name) => [name, {}])), join: { after: upstream, when }, ...more };
}

function taskSpecs(tasks: PipelineSketch): readonly TaskSpec[] {
  const names = new Map(Object.keys(tasks).map((name, index) => [name, index]));
  const groups = groupNames(tasks);
  const sources = new Set(Object.values(tasks).flatMap(({ over }) => (typeof over === "string" ? [over] : [])));
  const indexes = (of: readonly string[]) => of.map((one) => names.get(one) ?? -1).sort((one, other) => one - other);
  // A map waits for the list that it goes over, whatever its rule.
  const gatesOf = (gates: readonly string[] = [], over?: TaskSketch["over"]): Pick<TaskSpec, "gates"> => {
    const all = [...new Set(typeof over === "string" ? [...gates, over] : gates)];
    return all.length === 0 ? {} : { gates: indexes(all) };
  };
  return Object.entries(tasks).map(([name, sketch]) => {
    const {
      after = [],
      gates,
      in: group,
      startOf,
      endOf,
      cleanupOf,
      groupRetries: _retries,
      over,
      map,
      ...rest
    } = sketch;
    const junction = [startOf, endOf, cleanupOf].some((of) => of !== undefined)
      ? { execution: junctionOf(endOf === undefined ? "gate" : "summary") }
      : {};
    return plainTask(name, {
      ...{ location: LOCATION, graceMs: 5_000, upstream: indexes(after) },
      ...gatesOf(gates, over),
      ...(group === undefined ? {} : { group: groups.indexOf(group) }),
      ...(startOf === undefined
        ? over === undefined
          ? {}
          : mapOf({ over, ...(map && { map }) }, [...names.keys()])
        : {}),
      ...(sources.has(name) ? { isMapSource: true as const } : {}),
      ...junction,
      ...rest,
    });
  });
}

function junctionOf(as: "gate" | "summary"): TaskSpec["execution"] {
  return { via: "none", as };
}

const LOCATION = { file: "pipeline.ts", line: 1 };
