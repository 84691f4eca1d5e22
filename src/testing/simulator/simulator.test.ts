import { describe, expect, inject, test } from "vitest";
import { campaign, failureText } from "./campaign.ts";
import { simulate } from "./simulate.ts";
import { drawScenario } from "./workload/draw-scenario.ts";

const SEEDS = 500;
const PARTS = 10;
/** Other worlds with each change of the sources: what one version did not meet another may. */
const FIRST = inject("firstSeed");

describe(`${SEEDS} worlds from seed ${FIRST}`, () => {
  test.each(Array.from({ length: PARTS }, (_, part) => FIRST + (part * SEEDS) / PARTS))(
    "I01-I22, I24, I25, I30-I34, I38, I41, I45, RS-4, RS-5, RS-7, RT-4 hold in worlds that go wrong, seed %i and on",
    async (first) => {
      const { failures } = await campaign({ first, seeds: SEEDS / PARTS });
      expect(failures.map((failure) => failureText(failure))).toEqual([]);
    },
    300_000,
  );

  test("I44: the same seed makes the same world, to the last event", async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS / 100; seed++) {
      const once = await simulate(drawScenario(seed));
      const again = await simulate(drawScenario(seed));
      expect(again.traceHash).toBe(once.traceHash);
    }
  });
});
