import type { ProjectLimits } from "../../../core/task-scopes.ts";
import type { Dice } from "../world/dice.ts";
import type { ActionPlan } from "./scenario.ts";

const CHANGES_MAX = 3;
const SLOTS_MOST = 5;
/** A slow command that closes something must not come after the one that opens it. */
const OPENS_AFTER_MS = 110_000;

/** How a person changes limits: up, down, to nothing and back. In the end each is again what the project says. */
export function drawLimitChanges(limits: ProjectLimits, chaosMs: number, dice: Dice): readonly ActionPlan[] {
  return scopesOf(limits).flatMap((scope) => {
    const own = dice.split(scope);
    if (!own.chance(0.5)) return [];
    const changes = Array.from({ length: own.int(1, CHANGES_MAX) }, () => ({
      atMs: own.int(0, chaosMs),
      slots: own.pick([0, 1, null, own.int(1, SLOTS_MOST)]),
    }));
    return [...changes, { atMs: chaosMs + OPENS_AFTER_MS, slots: null }].map(
      (change, index): ActionPlan => ({ ...change, kind: "limit", name: `limit-${scope}-${index}`, run: "", scope }),
    );
  });
}

function scopesOf({ pools = {}, tagLimits = {} }: ProjectLimits): readonly string[] {
  return [...Object.keys(pools).map((name) => `pool:${name}`), ...Object.keys(tagLimits).map((tag) => `tag:${tag}`)];
}
