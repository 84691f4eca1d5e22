import { childReason } from "../core/child-reason.ts";
import type { Json } from "../core/json.ts";
import type { ChildSpec, PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { renderParams } from "../core/render-params.ts";
import type { AttemptOrder, Executor } from "../execution/executor.ts";
import type { Clock } from "../ports/clock.ts";
import { sha256Hex } from "../ports/digest.ts";
import { hashedRandom, uuidv7 } from "../ports/random.ts";
import type { Completion, CompletionResult, NewRun } from "../store/store.ts";
import { childCannotStart } from "./attempt-outcome.ts";
import type { CompiledVersions } from "./compiled-versions.ts";
import { orderScope } from "./order-scope.ts";

/** Runs within runs within runs: who calls itself by mistake is told after so many. */
const DEPTH_MAX = 10;

interface StartedChild {
  /** What is told to the store. */
  readonly outcome: Pick<Completion, "result" | "child">;
  /** Where the tasks of the run wait. */
  readonly queues: readonly string[];
}

/**
 * Turns the attempt of a task that starts a run of another pipeline into that run. Nothing runs for such an attempt: the
 * store creates the run in the transaction that ends or defers it.
 */
export class ChildRuns {
  readonly #versions: CompiledVersions;
  readonly #executor: Pick<Executor, "parseParams">;
  readonly #clock: Clock;

  constructor(versions: CompiledVersions, executor: Pick<Executor, "parseParams">, clock: Clock) {
    this.#versions = versions;
    this.#executor = executor;
    this.#clock = clock;
  }

  /** Never rejects: what is wrong ends the attempt. */
  async start(order: AttemptOrder, spec: ChildSpec): Promise<StartedChild> {
    try {
      const { run } = await this.#versions.ofRun(order.runId);
      const depth = run.parent?.depth ?? 0;
      if (depth >= DEPTH_MAX) throw tooDeep(spec, run.parent?.root ?? run.id);
      const pipeline = await this.#versions.pipeline(order.versionHash, spec.pipeline);
      const params = await this.#params(order, spec, pipeline);
      const child = { ...this.#newRun(order, pipeline, params), ...(run.backfill && { backfill: run.backfill }) };
      return { outcome: { child, result: resultOf(spec, child) }, queues: queuesOf(pipeline) };
    } catch (error) {
      // An outage says nothing about the task: the attempt is replaced, and no run has been made.
      const isOutage = error instanceof BatutaError && error.code === "store_unreachable";
      const result: CompletionResult = isOutage
        ? { kind: "lost", failure: { reason: "lost", message: error.message } }
        : childCannotStart(error);
      return { outcome: { result }, queues: [] };
    }
  }

  async #params(order: AttemptOrder, { params }: ChildSpec, pipeline: PipelineSpec): Promise<Json> {
    const raw = renderParams(params, orderScope(order));
    const { versionHash } = order;
    const { name, graphHash, location } = pipeline;
    if (pipeline.params === undefined && Object.keys(params).length === 0) return {};
    const code = { versionHash, graphHash, pipelineFile: location.file, pipeline: name };
    return this.#executor.parseParams(code, raw as { readonly [name: string]: Json });
  }

  /** It works on the interval of the run that starts it, which is no step of a schedule of its own. */
  #newRun(order: AttemptOrder, { name }: PipelineSpec, params: Json): NewRun {
    const { project, versionHash, interval, isPartial, timezone, ds } = order;
    const cause = [order.idempotencyKey, order.attempt].join("\n");
    return {
      id: uuidv7(this.#clock, hashedRandom(cause)),
      pipeline: name,
      trigger: "api",
      ...{ project, versionHash, interval, timezone, ds, params },
      ...(isPartial === undefined ? {} : { isPartial }),
      requestKey: sha256Hex(`child\n${cause}`),
      actor: `run ${order.runId}`,
    };
  }
}

/** Where the tasks of a pipeline wait for a slot. */
export function queuesOf({ tasks }: PipelineSpec): readonly string[] {
  return [...new Set(tasks.map(({ queue }) => queue))];
}

function resultOf({ wait }: ChildSpec, { id }: NewRun): CompletionResult {
  const reason = childReason(id);
  if (wait) return { kind: "deferred", reason };
  return { kind: "success", reason, output: { kind: "inline", json: JSON.stringify({ runId: id }) } };
}

function tooDeep({ pipeline }: ChildSpec, root: string): BatutaError {
  return new BatutaError("invalid_definition", `"${pipeline}" would be run ${DEPTH_MAX + 1} deep below run ${root}.`, {
    hint: `A pipeline that starts itself, directly or not, has to stop after ${DEPTH_MAX} runs within each other.`,
  });
}
