import type { PipelineSpec } from "../core/manifest.ts";
import { MapLevels } from "../core/map-levels.ts";
import { BatutaError } from "../core/problem.ts";
import type { RunId, RunRecord, Store } from "../store/store.ts";
import { remember } from "./remember.ts";

/** Runs and versions held at the same time; both are read again when needed. */
const RUNS_MAX = 10_000;
const PIPELINES_MAX = 1_000;
/** Whole ones are large; runs of older ones are few. */
const VERSIONS_MAX = 2;

/** A run and the pipeline as it was compiled when the run began. */
export interface CompiledRun {
  readonly run: RunRecord;
  readonly pipeline: PipelineSpec;
  /** The maps in which its tasks stand. */
  readonly levels: MapLevels;
}

/**
 * A cache of what cannot change. A run's interval, parameters and version never do, nor does a
 * version's manifest; the run's state is in this record too, but whoever needs the state reads the row.
 */
export class CompiledVersions {
  readonly #store: Pick<Store, "run" | "version">;
  readonly #runs = new Map<RunId, CompiledRun>();
  readonly #pipelines = new Map<string, Compiled>();
  /** Read once, however many runs of it begin at the same time. */
  readonly #versions = new Map<string, Promise<PipelinesByName>>();

  constructor(store: Pick<Store, "run" | "version">) {
    this.#store = store;
  }

  /** Throws `not_found` when the run or its version is gone. */
  async ofRun(id: RunId): Promise<CompiledRun> {
    const known = this.known(id);
    if (known !== undefined) return known;
    const run = await this.#store.run(id);
    if (run === undefined) throw new BatutaError("not_found", `Run ${id} is not in the store.`);
    return this.know(run);
  }

  /** Undefined when it is to be read first. */
  known(id: RunId): CompiledRun | undefined {
    return this.#runs.get(id);
  }

  /** Keeps a run that somebody has read; throws `not_found` when its version is gone. */
  async know(run: RunRecord): Promise<CompiledRun> {
    const compiled = { run, ...(await this.#compiled(run.versionHash, run.pipeline)) };
    remember(this.#runs, run.id, compiled, RUNS_MAX);
    return compiled;
  }

  /** Throws `not_found` when the version has no such pipeline. */
  async pipeline(versionHash: string, name: string): Promise<PipelineSpec> {
    return (await this.#compiled(versionHash, name)).pipeline;
  }

  async #compiled(versionHash: string, name: string): Promise<Compiled> {
    const key = `${versionHash} ${name}`;
    const known = this.#pipelines.get(key);
    if (known !== undefined) return known;
    const pipeline = (await this.#version(versionHash)).get(name);
    if (pipeline === undefined) {
      throw new BatutaError("not_found", `Version ${versionHash} of pipeline ${name} is not in the store.`, {
        hint: "Start a new run: it uses the pipeline as it is now.",
      });
    }
    const compiled = { pipeline, levels: new MapLevels(pipeline.tasks, pipeline.groups ?? []) };
    remember(this.#pipelines, key, compiled, PIPELINES_MAX);
    return compiled;
  }

  async #version(hash: string): Promise<PipelinesByName> {
    const known = this.#versions.get(hash);
    if (known !== undefined) return known;
    const reading = this.#read(hash);
    remember(this.#versions, hash, reading, VERSIONS_MAX);
    try {
      const pipelines = await reading;
      if (pipelines.size === 0) this.#versions.delete(hash);
      return pipelines;
    } catch (error) {
      this.#versions.delete(hash);
      throw error;
    }
  }

  async #read(hash: string): Promise<PipelinesByName> {
    const version = await this.#store.version(hash);
    return new Map(version?.manifest.pipelines.map((pipeline) => [pipeline.name, pipeline]) ?? []);
  }
}

type PipelinesByName = ReadonlyMap<string, PipelineSpec>;

type Compiled = Omit<CompiledRun, "run">;
