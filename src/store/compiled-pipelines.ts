import { graphOf, type TaskGraph } from "../core/graph.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { type ProjectLimits, scopesOf } from "../core/task-scopes.ts";
import { RunBlocks } from "./run-blocks.ts";
import type { VersionRecord } from "./store.ts";

/** A pipeline of a compiled version: what the rules look at. */
export interface CompiledPipeline {
  readonly spec: PipelineSpec;
  readonly graph: TaskGraph;
  /** What the project of this version says of limits. */
  readonly limits: ProjectLimits;
  /** By task: whether its attempts hold slots of a scope. */
  readonly isLimited: readonly boolean[];
}

interface VersionSource {
  version(hash: string): Promise<VersionRecord | undefined>;
}

/** Compiled versions, kept in memory: the only rows that may be, since they never change. */
export class CompiledPipelines {
  /** Of the runs whose pipelines were asked for lately. */
  readonly blocks = new RunBlocks();
  readonly #kept = new Map<string, CompiledPipeline>();

  /** Loads it from the version when it is not in memory. */
  async get(source: VersionSource, versionHash: string, name: string): Promise<CompiledPipeline> {
    const key = `${versionHash} ${name}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const loaded = await load(source, versionHash, name);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < KEPT_MAX) break;
      this.#kept.delete(oldest);
    }
    this.#kept.set(key, loaded);
    return loaded;
  }
}

const ANY_RUN = { id: "", params: {} };

/** Pipelines, not versions: a project of hundreds of pipelines still fits. */
const KEPT_MAX = 1_000;

async function load(source: VersionSource, versionHash: string, name: string): Promise<CompiledPipeline> {
  const version = await source.version(versionHash);
  const spec = version?.manifest.pipelines.find((pipeline) => pipeline.name === name);
  if (spec === undefined) {
    throw new BatutaError("not_found", `The store has no pipeline "${name}" of version ${versionHash}.`, {
      hint: "Save the version before its runs are created.",
    });
  }
  const { pools, tagLimits } = version?.manifest ?? {};
  const limits = { ...(pools && { pools }), ...(tagLimits && { tagLimits }) };
  const isLimited = spec.tasks.map((task) => scopesOf(task, spec, limits, ANY_RUN).length > 0);
  return { spec, graph: graphOf(spec), limits, isLimited };
}
