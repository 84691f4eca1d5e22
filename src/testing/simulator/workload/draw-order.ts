import type { Dice } from "../world/dice.ts";
import type { RunOrder } from "./scenario.ts";

/** Few days and customers, so that runs meet. */
export function drawOrder(dice: Dice): RunOrder {
  return {
    day: dice.int(0, 3),
    customer: dice.pick(["acme", "acme", "bolt"]),
    trigger: dice.chance(0.8) ? "manual" : "backfill",
  };
}
