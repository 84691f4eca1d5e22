import type { PipelineSpec } from "../../../core/manifest.ts";
import type { ProjectLimits } from "../../../core/task-scopes.ts";
import type { Dice } from "../world/dice.ts";
import type { ActionPlan } from "./scenario.ts";

const CHANGES_MAX = 3;
const SLOTS_MOST = 5;
const POOL_CHANCE = 0.5;
/** Of limits that a pipeline says itself. */
const OWN_CHANCE = 0.1;
/** A slow command that closes something must not come after the one that opens it. */
const OPENS_AFTER_MS = 110_000;

/** How a person changes limits: up, down, to nothing and back. In the end each is again what the project says. */
export function drawLimitChanges(
  limits: ProjectLimits,
  pipelines: readonly PipelineSpec[],
  chaosMs: number,
  dice: Dice,
): readonly ActionPlan[] {
  const scopes = [
    ...sharedScopes(limits).filter((scope) => dice.split(scope).split("is changed").chance(POOL_CHANCE)),
    ...pipelines.flatMap(ownScopes).filter((scope) => dice.split(scope).split("is changed").chance(OWN_CHANCE)),
  ];
  return scopes.flatMap((scope) => changesOf(scope, chaosMs, dice.split(scope)));
}

function changesOf(scope: string, chaosMs: number, dice: Dice): readonly ActionPlan[] {
  const changes = Array.from({ length: dice.int(1, CHANGES_MAX) }, () => ({
    atMs: dice.int(0, chaosMs),
    slots: dice.pick([0, 1, null, dice.int(1, SLOTS_MOST)]),
  }));
  return [...changes, { atMs: chaosMs + OPENS_AFTER_MS, slots: null }].map(
    (change, index): ActionPlan => ({ ...change, kind: "limit", name: `limit-${scope}-${index}`, run: "", scope }),
  );
}

function sharedScopes({ pools = {}, tagLimits = {} }: ProjectLimits): readonly string[] {
  return [...Object.keys(pools).map((name) => `pool:${name}`), ...Object.keys(tagLimits).map((tag) => `tag:${tag}`)];
}

function ownScopes({ name, concurrency, maxRuns }: PipelineSpec): readonly string[] {
  return [
    ...(concurrency === undefined ? [] : [`pipeline:${name}`]),
    ...(maxRuns === undefined ? [] : [`runs:${name}`]),
  ];
}
