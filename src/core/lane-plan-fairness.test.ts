import fc from "fast-check";
import { expect, test } from "vitest";
import type { LaneView } from "./lane.ts";
import { planClaims } from "./lane-plan.ts";

const POOL = { name: "pool:a", slots: 3 };
/** More than can be served in any history here. */
const ENDLESS = 1_000;

test("CC-2: a ready task is overtaken by a bounded number of others, whatever else comes, round after round", () => {
  const drawn = fc.record({
    rivals: fc.array(fc.record({ pipeline: fc.constantFrom("p", "q", "r"), weight: fc.integer({ min: 1, max: 2 }) }), {
      minLength: 1,
      maxLength: 6,
    }),
    before: fc.nat({ max: 3 }),
    slots: fc.integer({ min: 1, max: 4 }),
    weight: fc.integer({ min: 1, max: 3 }),
    ends: fc.infiniteStream(fc.nat()),
  });
  fc.assert(
    fc.property(drawn, ({ rivals, before, slots, weight, ends }) => {
      const lanes = [
        lane(0, { pipeline: "own", weight, waiting: before + 1 }),
        ...rivals.map((rival, index) => lane(index + 1, { ...rival, waiting: ENDLESS })),
      ];
      const history = new History(lanes);
      for (let round = 0; history.waitingOf(0) > 0; round++) {
        expect(round).toBeLessThan(ENDLESS);
        history.claim(slots);
        history.endOne(ends.next().value ?? 0);
      }
      expect(history.servedOthers).toBeLessThanOrEqual((before + 1) * lanes.length * 4);
    }),
  );
});

test("CC-2: 10,000 waiting runs of one pipeline delay another by no more than one round of claims", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 8 }), (lanesOfHuge, slots) => {
      const huge = Array.from({ length: lanesOfHuge }, (_, index) =>
        lane(index + 1, { pipeline: "huge", weight: 1, waiting: 10_000 }, 0),
      );
      const history = new History([...huge, lane(0, { pipeline: "small", weight: 1, waiting: 1 }, 1)], []);
      history.claim(slots);
      if (slots === 1) history.claim(slots);
      expect(history.waitingOf(0)).toBe(0);
    }),
  );
});

/** Claims, and attempts that end one by one, over lanes that never run dry. */
class History {
  servedOthers = 0;
  #lanes: LaneView[];
  readonly #scopes: readonly (typeof POOL)[];
  /** Slots of each attempt that runs. */
  readonly #running: number[] = [];
  #turn = 10;

  constructor(lanes: readonly LaneView[], scopes = [POOL]) {
    this.#lanes = [...lanes];
    this.#scopes = scopes;
  }

  waitingOf(id: number): number {
    return this.#lanes.find((view) => view.id === id)?.waiting ?? 0;
  }

  claim(slots: number): void {
    const used = this.#running.reduce((sum, weight) => sum + weight, 0);
    const scopes = this.#scopes.map((scope) => ({ ...scope, used }));
    for (const { laneId, count } of planClaims(this.#lanes, scopes, { slots, now: 0 }).grants)
      this.#serve(laneId, count);
  }

  endOne(draw: number): void {
    if (this.#running.length > 0) this.#running.splice(draw % this.#running.length, 1);
  }

  #serve(laneId: number, count: number): void {
    const place = this.#lanes.findIndex(({ id }) => id === laneId);
    const view = this.#lanes[place];
    if (view === undefined) throw new Error(`There is no lane ${laneId}`);
    this.#running.push(...Array.from({ length: count }, () => view.key.scopes[0]?.weight ?? 0));
    if (laneId !== 0) this.servedOthers += count;
    const waiting = laneId === 0 ? view.waiting - count : view.waiting;
    const turn = this.#turn++;
    this.#lanes[place] = { ...view, waiting, servedAt: turn };
    const isAlike = ({ key }: LaneView) => key.pipeline === view.key.pipeline;
    this.#lanes = this.#lanes.map((one) => (isAlike(one) ? { ...one, pipelineServedAt: turn } : one));
  }
}

interface Sketch {
  readonly pipeline: string;
  readonly weight: number;
  readonly waiting: number;
}

function lane(id: number, { pipeline, weight, waiting }: Sketch, servedAt = 0): LaneView {
  const scopes = [{ name: POOL.name, weight }];
  const key = { project: "p", queue: "default", priority: 0, pipeline, scopes };
  return { id, key, waiting, servedAt, paused: false };
}
