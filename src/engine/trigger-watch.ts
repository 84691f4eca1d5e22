import { localDate } from "../core/interval.ts";
import type { Json } from "../core/json.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { renderParams } from "../core/render-params.ts";
import { eventScope, spanOf } from "../core/trigger/run-of-events.ts";
import type { Executor, RawParams } from "../execution/executor.ts";
import type { Clock } from "../ports/clock.ts";
import { sha256Hex } from "../ports/digest.ts";
import { hashedRandom, uuidv7 } from "../ports/random.ts";
import type { NewRun, Store } from "../store/store.ts";
import type { DueTrigger, FiringOutcome, PendingEvent } from "../store/trigger-records.ts";
import type { CompiledVersions } from "./compiled-versions.ts";
import type { Duty } from "./service.ts";

/** Triggers that fire in one turn. */
const FIRED_MAX = 20;
/** What cannot fire for a reason that lies not in its events waits so long before it is tried again. */
const POSTPONED_MS = 30_000;

export interface TriggerParts {
  readonly store: Pick<Store, "dueTriggers" | "fireTrigger" | "postponeTrigger">;
  readonly versions: CompiledVersions;
  readonly executor: Pick<Executor, "parseParams">;
  readonly clock: Clock;
}

/**
 * Starts runs for events that triggers wait for. Which events go to which run is decided by the store; here their
 * parameters are made, which takes the pipeline's own code.
 */
export class TriggerWatch implements Duty {
  readonly name = "trigger-watch";
  readonly #parts: TriggerParts;
  readonly #project: string;
  readonly #pollMs: number;
  /** Woken when runs have been made. */
  onFired: () => void = () => {};

  /** @param pollMs events that other processes have sent are seen at the latest after this long */
  constructor(parts: TriggerParts, project: string, pollMs: number) {
    this.#parts = parts;
    this.#project = project;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const { due, nextInMs = this.#pollMs } = await this.#parts.store.dueTriggers(this.#project, FIRED_MAX);
    for (const one of due) await this.#fire(one);
    if (due.length > 0) this.onFired();
    return Math.min(nextInMs, this.#pollMs);
  }

  /** One that cannot fire now does not hold up the others. */
  async #fire(due: DueTrigger): Promise<void> {
    const { store, versions } = this.#parts;
    try {
      const pipeline = await versions.pipeline(due.versionHash, due.pipeline);
      const outcomes: FiringOutcome[] = [];
      for (const events of due.groups) outcomes.push(await this.#outcome(due, pipeline, events));
      await store.fireTrigger(due, outcomes);
    } catch (error) {
      if (error instanceof BatutaError && error.code === "store_unreachable") throw error;
      const message = error instanceof Error ? error.message : String(error);
      await store.postponeTrigger(due, { message, ...hintOf(error), delayMs: POSTPONED_MS });
    }
  }

  /** A run, or why these events make none. */
  async #outcome(due: DueTrigger, pipeline: PipelineSpec, events: readonly PendingEvent[]): Promise<FiringOutcome> {
    try {
      return { kind: "run", run: await this.#newRun(due, pipeline, events) };
    } catch (error) {
      if (!(error instanceof BatutaError) || !REFUSING.includes(error.code)) throw error;
      return { kind: "refused", message: error.message, ...hintOf(error) };
    }
  }

  async #newRun(due: DueTrigger, pipeline: PipelineSpec, events: readonly PendingEvent[]): Promise<NewRun> {
    const { project, versionHash, spec, name } = due;
    const { timezone } = pipeline;
    const interval = spanOf(spec.source, events);
    const cause = [project, pipeline.name, name, ...events.map(({ seq }) => seq)].join("\n");
    return {
      id: uuidv7(this.#parts.clock, hashedRandom(`trigger\n${cause}`)),
      ...{ project, pipeline: pipeline.name, versionHash, trigger: "sensor", interval, timezone },
      ds: localDate(interval.start, timezone),
      params: await this.#params(due, pipeline, eventScope(events, { interval, timezone })),
      requestKey: sha256Hex(`trigger\n${cause}`),
      actor: `trigger ${name}`,
    };
  }

  /** Those without templates were settled when the pipeline was loaded. */
  async #params(
    { spec, versionHash }: DueTrigger,
    pipeline: PipelineSpec,
    scope: ReturnType<typeof eventScope>,
  ): Promise<Json> {
    if (spec.hasTemplates === undefined) return spec.params;
    const { name, graphHash, location } = pipeline;
    const code = { versionHash, graphHash, pipelineFile: location.file, pipeline: name };
    return this.#parts.executor.parseParams(code, renderParams(spec.params, scope) as RawParams);
  }
}

/** What lies in the events. */
const REFUSING: readonly string[] = ["invalid_params", "invalid_template"];

function hintOf(error: unknown): { readonly hint?: string } {
  return error instanceof BatutaError && error.hint !== undefined ? { hint: error.hint } : {};
}
