import fc from "fast-check";
import { expect, test } from "vitest";
import type { LaneKey, LanePlan, LaneView } from "./lane.ts";
import { planClaims } from "./lane-plan.ts";
import type { ScopeView } from "./scope.ts";

test("CC-2: higher priority goes first", () => {
  const { grants, held } = plan([lane(1, { waiting: 5 }), lane(2, { waiting: 2 }, { priority: 9 })], 3);
  expect(grants).toEqual([
    { laneId: 2, count: 2 },
    { laneId: 1, count: 1 },
  ]);
  expect(held).toEqual([{ laneId: 1, holds: [{ kind: "no_free_slot" }] }]);
});

test("CC-2: pipelines take turns, beginning with the one served longest ago", () => {
  const big = lane(1, { waiting: 10_000, servedAt: 3 }, { pipeline: "big" });
  const small = lane(2, { waiting: 1, servedAt: 9 }, { pipeline: "small" });
  expect(counts([big, small], 4)).toEqual({ 1: 3, 2: 1 });
  expect(counts([big, small], 1)).toEqual({ 1: 1 });
  expect(counts([big, { ...small, servedAt: 2 }], 1)).toEqual({ 2: 1 });
});

test("CC-2: a pipeline gets no larger share by having many lanes, and serves its own in turn", () => {
  const many = [1, 2, 3, 4].map((id) =>
    lane(id, { waiting: 9, servedAt: id }, { pipeline: "many", ...uses(`task:t${id}`) }),
  );
  const one = lane(9, { waiting: 9, servedAt: 5 }, { pipeline: "one" });
  expect(counts([...many, one], 6)).toEqual({ 1: 1, 2: 1, 3: 1, 9: 3 });
});

test("CC-2: a pipeline was served when any of its lanes was, so that an old lane gives it no second turn", () => {
  const old = lane(1, { waiting: 9, servedAt: 0, pipelineServedAt: 8 }, { pipeline: "served", ...uses("task:a") });
  const patient = lane(3, { waiting: 9, servedAt: 5 }, { pipeline: "patient" });
  expect(counts([old, patient], 1)).toEqual({ 3: 1 });
});

test("CC-2: a fresh lane takes no turn from its pipeline, whether that was served before or not", () => {
  const old = lane(1, { waiting: 9, servedAt: 1 }, { pipeline: "patient", ...uses("task:a") });
  const fresh = lane(2, { waiting: 9, servedAt: 8 }, { pipeline: "patient", ...uses("task:b") });
  const other = lane(3, { waiting: 9, servedAt: 5, pipelineServedAt: 5 }, { pipeline: "other" });
  const before = { pipelineServedAt: 4 };
  expect(counts([old, fresh, other], 1)).toEqual({ 1: 1 });
  expect(counts([{ ...old, ...before }, { ...fresh, ...before }, other], 1)).toEqual({ 1: 1 });
});

test("CC-1: the limit of a task holds over all its lanes, with what is running", () => {
  const old = lane(1, { waiting: 5 }, uses("task:load"));
  const urgent = lane(2, { waiting: 5 }, { ...uses("task:load"), priority: 5 });
  const other = lane(3, { waiting: 5 }, { pipeline: "other" });
  const { grants, held } = plan([old, urgent, other], 4, [{ name: "task:load", slots: 3, used: 2 }]);
  expect(grants).toEqual([
    { laneId: 2, count: 1 },
    { laneId: 3, count: 3 },
  ]);
  const full = { kind: "slots", scope: "task:load", slots: 3, used: 3, weight: 1 };
  expect(held).toEqual([
    { laneId: 1, holds: [full] },
    { laneId: 2, holds: [full] },
    { laneId: 3, holds: [{ kind: "no_free_slot" }] },
  ]);
});

test("CC-1: a task waits for all of its scopes at once, and is told of each that has no room", () => {
  const both = lane(1, { waiting: 1 }, uses("pool:a", "pool:b"));
  const scopes = [
    { name: "pool:a", slots: 1, used: 1 },
    { name: "pool:b", slots: 2, used: 0 },
  ];
  expect(plan([both], 9, scopes).held).toMatchObject([{ holds: [{ scope: "pool:a" }] }]);
  const full = scopes.map((scope) => ({ ...scope, used: scope.slots }));
  expect(plan([both], 9, full).held).toMatchObject([{ holds: [{ scope: "pool:a" }, { scope: "pool:b" }] }]);
  expect(plan([both], 9, [{ name: "pool:a", slots: 2, used: 1 }]).grants).toEqual([{ laneId: 1, count: 1 }]);
});

test("CC-1: a task may take several slots of a pool", () => {
  const heavy = lane(1, { waiting: 5 }, { scopes: [{ name: "pool:a", weight: 3 }] });
  expect(plan([heavy], 9, [{ name: "pool:a", slots: 7, used: 0 }]).grants).toEqual([{ laneId: 1, count: 2 }]);
});

test("CC-4: more slots than the pool has by now are a reason of their own", () => {
  const heavy = lane(1, { waiting: 1 }, { scopes: [{ name: "pool:a", weight: 3 }] });
  const light = lane(2, { waiting: 1 }, uses("pool:a"));
  const { grants, held } = plan([heavy, light], 9, [{ name: "pool:a", slots: 2, used: 0 }]);
  // Nothing is kept for a task that could never have it.
  expect(grants).toEqual([{ laneId: 2, count: 1 }]);
  expect(held).toEqual([{ laneId: 1, holds: [{ kind: "slots", scope: "pool:a", slots: 2, used: 1, weight: 3 }] }]);
});

test("CC-5: a limit below what runs, or of 0, gives nothing and stops nothing", () => {
  const lowered = lane(1, { waiting: 2 }, uses("task:a"));
  const closed = lane(2, { waiting: 2 }, uses("task:b"));
  const { grants, held } = plan([lowered, closed], 10, [
    { name: "task:a", slots: 2, used: 5 },
    { name: "task:b", slots: 0, used: 0 },
  ]);
  expect(grants).toEqual([]);
  expect(held.map(({ holds }) => holds)).toMatchObject([[{ slots: 2, used: 5 }], [{ slots: 0, used: 0 }]]);
});

test("CC-1: a rate lets so many start within its window, and says when the next may", () => {
  const limited = lane(1, { waiting: 9 }, uses("rate:a"));
  const rate = { limit: 5, perMs: 60_000, started: 3, freeAt: NOW + 20_000 };
  const { grants, held, nextAt } = plan([limited], 9, [{ name: "rate:a", used: 0, rate }]);
  expect(grants).toEqual([{ laneId: 1, count: 2 }]);
  expect(held).toMatchObject([{ holds: [{ kind: "rate", limit: 5, freeAt: NOW + 20_000 }] }]);
  expect(nextAt).toBe(NOW + 20_000);
});

test("a paused pipeline gets nothing, and takes no turn from another", () => {
  const paused = lane(1, { waiting: 5, paused: true });
  const other = lane(2, { waiting: 5 }, { pipeline: "other" });
  const { grants, held } = plan([paused, other], 3);
  expect(grants).toEqual([{ laneId: 2, count: 3 }]);
  expect(held[0]).toEqual({ laneId: 1, holds: [{ kind: "paused" }] });
});

test("CC-2: a task that needs several slots is overtaken once by each lane of its pool, however many come", () => {
  const heavy = lane(1, { waiting: 1, servedAt: 5 }, { pipeline: "heavy", scopes: [{ name: "pool:a", weight: 3 }] });
  const others = [2, 3].map((id) => lane(id, { waiting: 99, servedAt: id }, { pipeline: `p${id}`, ...uses("pool:a") }));
  let used = 3;
  let turn = 100;
  const lanes = [heavy, ...others];
  const served: number[] = [];
  // One slot becomes free at a time, and all the others are there to take it.
  for (let round = 0; round < 9 && !served.includes(1); round++) {
    used -= 1;
    const { grants } = plan(lanes, 9, [{ name: "pool:a", slots: 3, used }]);
    for (const { laneId, count } of grants) {
      served.push(...Array.from({ length: count }, () => laneId));
      used += count * (laneId === 1 ? 3 : 1);
      const index = lanes.findIndex(({ id }) => id === laneId);
      lanes[index] = { ...(lanes[index] ?? heavy), servedAt: turn++ };
    }
  }
  expect(served.at(-1)).toBe(1);
  expect(served.length).toBeLessThanOrEqual(3);
});

test("CC-2: what is kept for one task is given to others in the same round once that one has its part", () => {
  const heavy = lane(1, { waiting: 1, servedAt: 1 }, { pipeline: "z", scopes: [{ name: "pool:a", weight: 2 }] });
  const light = lane(2, { waiting: 5, servedAt: 0 }, { pipeline: "a", ...uses("pool:a") });
  const { grants } = plan([heavy, light], 9, [{ name: "pool:a", slots: 4, used: 0 }]);
  expect(Object.fromEntries(grants.map(({ laneId, count }) => [laneId, count]))).toEqual({ 1: 1, 2: 2 });
});

test("no plan gives more than slots, work and limits allow, or leaves a slot free that could be used", () => {
  const names = ["a", "b", "c"];
  const drawn = fc.record({
    lanes: fc.array(
      fc.record({
        waiting: fc.nat({ max: 6 }),
        servedAt: fc.nat({ max: 9 }),
        priority: fc.nat({ max: 2 }),
        pipeline: fc.constantFrom("p", "q", "r"),
        scopes: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
        weights: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }),
        paused: fc.boolean(),
      }),
      { maxLength: 8 },
    ),
    scopes: fc.tuple(...names.map((name) => scopeNamed(name))),
    slots: fc.nat({ max: 20 }),
  });
  fc.assert(
    fc.property(drawn, ({ lanes, scopes, slots }) => {
      const views = lanes.map(({ waiting, servedAt, priority, pipeline, paused, scopes: used, weights }, id) => {
        const shares = [...used].sort().map((name, index) => ({ name, weight: weights[index] ?? 1 }));
        return lane(id, { waiting, servedAt, paused }, { priority, pipeline, scopes: shares });
      });
      const { grants, held } = plan(views, slots, scopes);
      const given = new Map(grants.map(({ laneId, count }) => [laneId, count]));
      const total = [...given.values()].reduce((sum, count) => sum + count, 0);
      expect(total).toBeLessThanOrEqual(slots);
      const use = new Map(scopes.map(({ name, used }) => [name, used]));
      for (const { id, key } of views) {
        for (const { name, weight } of key.scopes) {
          use.set(name, (use.get(name) ?? 0) + weight * (given.get(id) ?? 0));
        }
      }
      for (const { name, slots: limit = Number.POSITIVE_INFINITY, used } of scopes) {
        expect(use.get(name)).toBeLessThanOrEqual(Math.max(limit, used));
      }
      const limits = new Map(scopes.map(({ name, slots: limit }) => [name, limit ?? Number.POSITIVE_INFINITY]));
      for (const view of views) {
        const count = given.get(view.id) ?? 0;
        expect(count).toBeLessThanOrEqual(view.paused ? 0 : view.waiting);
        const kinds = held
          .filter(({ laneId }) => laneId === view.id)
          .flatMap(({ holds }) => holds.map(({ kind }) => kind));
        expect(kinds.length > 0).toBe(count < view.waiting);
        const fits = view.key.scopes.every(
          ({ name, weight }) => (use.get(name) ?? 0) + weight <= (limits.get(name) ?? 0),
        );
        const mayStart = fits && !view.paused && total < slots;
        expect(count === view.waiting || !mayStart || kinds.includes("kept")).toBe(true);
      }
    }),
  );
});

const NOW = 1_000_000;

function scopeNamed(name: string): fc.Arbitrary<ScopeView> {
  return fc
    .record({ slots: fc.option(fc.nat({ max: 6 })), used: fc.nat({ max: 6 }) })
    .map(({ slots, used }) => ({ name, used, ...(slots === null ? {} : { slots }) }));
}

function lane(id: number, view: Partial<LaneView>, key: Partial<LaneKey> = {}): LaneView {
  const full = { project: "p", queue: "default", priority: 0, pipeline: "sales", scopes: [], ...key };
  return { id, key: full, waiting: 0, servedAt: 0, paused: false, ...view };
}

function uses(...names: readonly string[]): Pick<LaneKey, "scopes"> {
  return { scopes: names.map((name) => ({ name, weight: 1 })) };
}

function plan(lanes: readonly LaneView[], slots: number, scopes: readonly ScopeView[] = []): LanePlan {
  return planClaims(lanes, scopes, { slots, now: NOW });
}

function counts(lanes: readonly LaneView[], slots: number): Readonly<Record<number, number>> {
  return Object.fromEntries(plan(lanes, slots).grants.map(({ laneId, count }) => [laneId, count]));
}
