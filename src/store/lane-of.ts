import type { LaneKey } from "../core/lane.ts";
import type { TaskSpec } from "../core/manifest.ts";
import type { ScopeLimit } from "../core/scope.ts";
import { type ScopedRun, scopesOf } from "../core/task-scopes.ts";
import type { CompiledPipeline } from "./compiled-pipelines.ts";

/** A lane to make when it is missing, and the limits of its scopes as the version that asks for it says them. */
export interface LaneRequest {
  readonly key: LaneKey;
  readonly limits: readonly ScopeLimit[];
}

export interface LanedRun extends ScopedRun {
  readonly project: string;
  readonly pipeline: string;
}

/** The lane in which a ready task run waits: everything that limits it. */
export function laneOf(run: LanedRun, task: TaskSpec, { spec, limits }: CompiledPipeline): LaneRequest {
  const scopes = scopesOf(task, spec, limits, run);
  const { queue, priority } = task;
  const shares = scopes.map(({ name, weight }) => ({ name, weight }));
  const key = { project: run.project, queue, priority, pipeline: run.pipeline, scopes: shares };
  return { key, limits: scopes.map(({ weight: _, ...limit }) => limit) };
}
