import type { GroupSpec, MapSpec, PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import { type PoolLimit, slotsOfPool } from "../../../core/pool-limit.ts";
import type { ProjectLimits } from "../../../core/task-scopes.ts";
import type { Dice } from "../world/dice.ts";

/** Each is there in some worlds only, so that worlds stay small. */
const FEATURES = ["pools", "tags", "tasks", "pipelines", "runs", "groups", "maps"] as const;
const FEATURE_CHANCE = 0.2;

const POOLS_MAX = 2;
const SLOTS_MAX = 4;

export interface LimitedPipelines {
  readonly pipelines: readonly PipelineSpec[];
  readonly limits: ProjectLimits;
}

type Feature = (typeof FEATURES)[number];

/** What these pipelines share, and how much of it there is. */
export function drawLimits(pipelines: readonly PipelineSpec[], dice: Dice): LimitedPipelines {
  const features = new Set(FEATURES.filter((name) => dice.split(name).chance(FEATURE_CHANCE)));
  const limits = {
    ...(features.has("pools") ? { pools: drawPools(dice.split("slots")) } : {}),
    ...(features.has("tags") ? { tagLimits: { heavy: dice.split("heavy").int(1, 2) } } : {}),
  };
  const drawing = new LimitDrawing(features, limits);
  return { pipelines: pipelines.map((pipeline) => drawing.pipeline(pipeline, dice.split(pipeline.name))), limits };
}

function drawPools(dice: Dice): Readonly<Record<string, number>> {
  const count = dice.int(1, POOLS_MAX);
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`pool_${index}`, dice.int(1, SLOTS_MAX)]));
}

class LimitDrawing {
  readonly #features: ReadonlySet<Feature>;
  readonly #limits: ProjectLimits;

  constructor(features: ReadonlySet<Feature>, limits: ProjectLimits) {
    this.#features = features;
    this.#limits = limits;
  }

  pipeline(pipeline: PipelineSpec, dice: Dice): PipelineSpec {
    const { groups } = pipeline;
    return {
      ...pipeline,
      ...(this.#has("tags", 0.3, dice) ? { tags: ["heavy"] } : {}),
      ...(this.#has("pipelines", 0.6, dice) ? { concurrency: dice.int(1, 3) } : {}),
      ...(this.#has("runs", 0.6, dice) ? { runConcurrency: dice.int(1, 2) } : {}),
      tasks: pipeline.tasks.map((task) => this.#task(task, dice.split(task.name))),
      ...(groups === undefined ? {} : { groups: groups.map((group) => this.#group(group, dice.split(group.name))) }),
    };
  }

  #task(task: TaskSpec, dice: Dice): TaskSpec {
    if (task.execution.via === "none") return task;
    return {
      ...task,
      ...(this.#has("tasks", 0.4, dice) ? { concurrency: dice.int(1, 2) } : {}),
      ...this.#pools(dice.split("pools")),
      ...this.#tags(dice.split("tags")),
      ...this.#map(task, dice),
    };
  }

  /** Never more than there is as long as nobody changes that: it would be an error when the pipeline is loaded. */
  #pools(dice: Dice): Pick<TaskSpec, "pools"> {
    const pools = dice.some(Object.entries(this.#limits.pools ?? {}), 0.6);
    if (pools.length === 0) return {};
    const share = (limit: PoolLimit) => (dice.chance(0.6) ? 1 : dice.int(1, slotsOfPool(limit)));
    return { pools: pools.map(([name, limit]) => ({ name, slots: share(limit) })) };
  }

  /** Some have a tag that nobody limits. */
  #tags(dice: Dice): Pick<TaskSpec, "tags"> {
    const tags = this.#has("tags", 1, dice) ? dice.some(["heavy", "light"], 0.5) : [];
    return tags.length === 0 ? {} : { tags };
  }

  #group(group: GroupSpec, dice: Dice): GroupSpec {
    return {
      ...group,
      ...(this.#has("groups", 0.6, dice) ? { concurrency: dice.int(1, 2) } : {}),
      ...this.#map(group, dice),
    };
  }

  #map({ map }: { readonly map?: MapSpec }, dice: Dice): { readonly map?: MapSpec } {
    if (map === undefined) return {};
    return { map: this.#has("maps", 0.6, dice.split("map")) ? { ...map, maxParallel: 1 } : map };
  }

  #has(feature: Feature, share: number, dice: Dice): boolean {
    return this.#features.has(feature) && dice.split(feature).chance(share);
  }
}
