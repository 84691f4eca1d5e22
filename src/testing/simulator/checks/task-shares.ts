import type { GroupSpec, PipelineSpec } from "../../../core/manifest.ts";
import { slotsOfPool } from "../../../core/pool-limit.ts";
import type { ProjectLimits } from "../../../core/task-scopes.ts";
import type { FoldedTask, RunFold } from "./run-fold.ts";

/** What an attempt of a task takes of something that it shares with others. */
export interface Share {
  /** `pool:warehouse` */
  readonly scope: string;
  readonly slots: number;
  /** What the project says there is; undefined = as much as is asked for. */
  readonly limit: number | undefined;
}

/** CC-1 read from the manifest, by code that knows nothing of lanes and scopes but what they are called. */
export class TaskShares {
  readonly #limits: ProjectLimits;
  readonly #known = new WeakMap<FoldedTask, readonly Share[]>();

  constructor(limits: ProjectLimits) {
    this.#limits = limits;
  }

  of(fold: RunFold, task: FoldedTask): readonly Share[] {
    const known = this.#known.get(task);
    if (known !== undefined) return known;
    const shares = this.#read(fold, task);
    this.#known.set(task, shares);
    return shares;
  }

  #read({ id, spec: pipeline, asked }: RunFold, { spec: task }: FoldedTask): readonly Share[] {
    if (task.execution.via === "none") return [];
    const { pools = {}, tagLimits = {} } = this.#limits;
    const { name } = pipeline;
    const shares: Share[] = [];
    const add = (scope: string, limit: number | undefined): void => {
      if (limit !== undefined) shares.push({ scope, slots: 1, limit });
    };
    if (asked.backfill !== null) shares.push({ scope: `backfill:${asked.backfill}`, slots: 1, limit: undefined });
    add(`task:${name}/${task.name}`, task.concurrency);
    add(`key:${name}/${task.name}:${JSON.stringify(asked.customer)}`, task.keyed?.limit);
    if (task.cursor !== undefined) add(`cursor:${name}/${task.cursor.name}`, 1);
    add(`pipeline:${name}`, pipeline.concurrency);
    add(`run:${id}`, pipeline.runConcurrency);
    add(`map:${id}/${task.name}`, task.map?.maxParallel);
    for (const group of groupsAround(pipeline, task.group)) {
      add(`group:${id}/${group.name}`, group.concurrency);
      add(`map:${id}/${group.name}`, group.map?.maxParallel);
    }
    for (const tag of new Set([...pipeline.tags, ...(task.tags ?? [])])) add(`tag:${tag}`, tagLimits[tag]);
    for (const { name: pool, slots } of task.pools ?? []) {
      const limit = pools[pool];
      shares.push({ scope: `pool:${pool}`, slots, limit: limit === undefined ? undefined : slotsOfPool(limit) });
    }
    return shares;
  }
}

export function groupsAround(
  { groups = [] }: Pick<PipelineSpec, "groups">,
  innermost: number | undefined,
): readonly GroupSpec[] {
  const group = innermost === undefined ? undefined : groups[innermost];
  return group === undefined ? [] : [group, ...groupsAround({ groups }, group.parent)];
}
