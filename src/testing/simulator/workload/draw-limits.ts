import type { GroupSpec, MapSpec, PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import { type PoolLimit, slotsOfPool } from "../../../core/pool-limit.ts";
import type { RateLimit } from "../../../core/scope.ts";
import type { ProjectLimits } from "../../../core/task-scopes.ts";
import type { Dice } from "../world/dice.ts";

/** Each is there in some worlds only, so that worlds stay small. */
const FEATURES = [
  "pools",
  "tags",
  "tasks",
  "pipelines",
  "runs",
  "groups",
  "maps",
  "keys",
  "rates",
  "priorities",
  "paths",
  "places",
  "past",
] as const;
const FEATURE_CHANCE = 0.2;
/** Of these nothing is seen unless several runs of one pipeline meet. */
const MEETING: readonly Feature[] = ["keys", "places", "past"];

const POOLS_MAX = 2;
const SLOTS_MAX = 4;
const RATE_MS_LEAST = 500;
const RATE_MS_MOST = 30_000;

export interface LimitedPipelines {
  readonly pipelines: readonly PipelineSpec[];
  readonly limits: ProjectLimits;
}

type Feature = (typeof FEATURES)[number];

/** What these pipelines share, and how much of it there is. */
export function drawLimits(pipelines: readonly PipelineSpec[], dice: Dice): LimitedPipelines {
  const features = drawFeatures(dice);
  const limits = {
    ...(features.has("pools") ? { pools: drawPools(dice.split("slots")) } : {}),
    ...(features.has("tags") ? { tagLimits: { heavy: dice.split("heavy").int(1, 2) } } : {}),
  };
  const drawing = new LimitDrawing(features, limits);
  const meet = MEETING.some((feature) => features.has(feature)) && dice.split("meet").chance(0.6);
  const limited = pipelines.slice(0, meet ? 1 : undefined);
  return { pipelines: limited.map((pipeline) => drawing.pipeline(pipeline, dice.split(pipeline.name))), limits };
}

/** Places that are given back want both: runs that wait for the past, and others that wait for their place. */
function drawFeatures(dice: Dice): ReadonlySet<Feature> {
  const features = new Set<Feature>(FEATURES.filter((name) => dice.split(name).chance(FEATURE_CHANCE)));
  if (features.has("past") && dice.split("past places").chance(0.6)) features.add("places");
  return features;
}

function drawPools(dice: Dice): Readonly<Record<string, number>> {
  const count = dice.int(1, POOLS_MAX);
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`pool_${index}`, dice.int(1, SLOTS_MAX)]));
}

function drawRate(dice: Dice): RateLimit {
  return { limit: dice.int(1, 3), perMs: dice.span(RATE_MS_LEAST, RATE_MS_MOST) };
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
      ...(this.#has("places", 0.7, dice) ? { maxRuns: dice.pick([1, 1, 2]) } : {}),
      tasks: pipeline.tasks.map((task) => this.#task(task, dice.split(task.name))),
      ...(groups === undefined ? {} : { groups: groups.map((group) => this.#group(group, dice.split(group.name))) }),
    };
  }

  #task(task: TaskSpec, dice: Dice): TaskSpec {
    if (task.execution.via === "none") return task;
    return {
      ...this.#concurrency(task, dice),
      ...this.#pools(dice.split("pools")),
      ...this.#tags(dice.split("tags")),
      ...this.#map(task, dice),
      ...(this.#has("rates", 0.3, dice) ? { rateLimit: drawRate(dice.split("rate")) } : {}),
      ...(this.#has("priorities", 0.6, dice) ? { priority: dice.pick([-1, 1, 2, 10]) } : {}),
      ...(this.#has("paths", 0.6, dice) ? { priorityBy: "critical_path" } : {}),
      // Items of a map have no past.
      ...(this.#has("past", 0.4, dice) && task.map === undefined ? { dependsOnPast: true } : {}),
    };
  }

  /** Of all its attempts, or of those with one customer. */
  #concurrency(task: TaskSpec, dice: Dice): TaskSpec {
    if (!this.#has("keys", 0.7, dice)) {
      return this.#has("tasks", 0.4, dice) ? { ...task, concurrency: dice.int(1, 2) } : task;
    }
    const { concurrency: _, ...rest } = task;
    // What takes something away is left to do so.
    const overflow = task.role === "teardown" ? "queue" : dice.pick(["queue", "skip", "cancel_oldest"] as const);
    return { ...rest, keyed: { key: "params.customer", limit: dice.pick([1, 1, 2]), overflow } };
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
