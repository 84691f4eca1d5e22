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
  readonly #versions = new Map<string, LoadedVersion>();

  /** Loads it from the version when it is not in memory. */
  async get(source: VersionSource, versionHash: string, name: string): Promise<CompiledPipeline> {
    const key = `${versionHash} ${name}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const loaded = compiled(await this.#version(source, versionHash), versionHash, name);
    keep(this.#kept, key, loaded, KEPT_MAX);
    return loaded;
  }

  async #version(source: VersionSource, hash: string): Promise<LoadedVersion> {
    const kept = this.#versions.get(hash);
    if (kept !== undefined) return kept;
    const manifest = (await source.version(hash))?.manifest;
    const specs = new Map((manifest?.pipelines ?? []).map((spec) => [spec.name, spec]));
    const { pools, tagLimits } = manifest ?? {};
    const loaded = { specs, limits: { ...(pools && { pools }), ...(tagLimits && { tagLimits }) } };
    if (manifest !== undefined) keep(this.#versions, hash, loaded, VERSIONS_MAX);
    return loaded;
  }
}

const ANY_RUN = { id: "", params: {} };

/** Pipelines, not versions: a project of hundreds of pipelines still fits. */
const KEPT_MAX = 1_000;
/** Whole ones are large; runs of older ones are few. */
const VERSIONS_MAX = 2;

interface LoadedVersion {
  readonly specs: ReadonlyMap<string, PipelineSpec>;
  readonly limits: ProjectLimits;
}

function keep<Value>(kept: Map<string, Value>, key: string, value: Value, max: number): void {
  for (const oldest of kept.keys()) {
    if (kept.size < max) break;
    kept.delete(oldest);
  }
  kept.set(key, value);
}

function compiled({ specs, limits }: LoadedVersion, versionHash: string, name: string): CompiledPipeline {
  const spec = specs.get(name);
  if (spec === undefined) {
    throw new BatutaError("not_found", `The store has no pipeline "${name}" of version ${versionHash}.`, {
      hint: "Save the version before its runs are created.",
    });
  }
  const isLimited = spec.tasks.map((task) => scopesOf(task, spec, limits, ANY_RUN).length > 0);
  return { spec, graph: graphOf(spec), limits, isLimited };
}
