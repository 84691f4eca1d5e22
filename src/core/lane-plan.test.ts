import fc from "fast-check";
import { expect, test } from "vitest";
import type { LaneKey, LaneView } from "./lane.ts";
import { planClaims } from "./lane-plan.ts";

test("CC-2: higher priority goes first", () => {
  const plan = planClaims([lane(1, { waiting: 5 }), lane(2, { waiting: 2 }, { priority: 9 })], 3);
  expect(plan.grants).toEqual([
    { laneId: 2, count: 2 },
    { laneId: 1, count: 1 },
  ]);
  expect(plan.held).toEqual([{ laneId: 1, reason: "no_free_slot" }]);
});

test("CC-2: pipelines take turns, beginning with the one served longest ago", () => {
  const big = lane(1, { waiting: 10_000, servedAt: 3 }, { pipeline: "big" });
  const small = lane(2, { waiting: 1, servedAt: 9 }, { pipeline: "small" });
  expect(grants([big, small], 4)).toEqual({ 1: 3, 2: 1 });
  expect(grants([big, small], 1)).toEqual({ 1: 1 });
  expect(grants([big, { ...small, servedAt: 2 }], 1)).toEqual({ 2: 1 });
});

test("CC-2: a pipeline gets no larger share by having many lanes, and serves its own in turn", () => {
  const many = [1, 2, 3, 4].map((id) => lane(id, { waiting: 9, servedAt: id }, { pipeline: "many", task: `t${id}` }));
  const one = lane(9, { waiting: 9, servedAt: 5 }, { pipeline: "one" });
  expect(grants([...many, one], 6)).toEqual({ 1: 1, 2: 1, 3: 1, 9: 3 });
});

test("CC-2: a pipeline was served when the last of its lanes was, so that a fresh lane gives it no second turn", () => {
  const fresh = lane(1, { waiting: 9, servedAt: 0 }, { pipeline: "served", task: "new" });
  const served = lane(2, { waiting: 9, servedAt: 8 }, { pipeline: "served", task: "old" });
  const patient = lane(3, { waiting: 9, servedAt: 5 }, { pipeline: "patient" });
  expect(grants([fresh, served, patient], 1)).toEqual({ 3: 1 });
});

test("CC-1: the limit of a task holds over all its lanes, with what is running", () => {
  const key = { task: "load", taskConcurrency: 3 };
  const old = lane(1, { waiting: 5, running: 1 }, { ...key, priority: 0 });
  const urgent = lane(2, { waiting: 5, running: 1 }, { ...key, priority: 5 });
  const other = lane(3, { waiting: 5 }, { pipeline: "other" });
  const plan = planClaims([old, urgent, other], 4);
  expect(plan.grants).toEqual([
    { laneId: 2, count: 1 },
    { laneId: 3, count: 3 },
  ]);
  expect(plan.held).toEqual([
    { laneId: 1, reason: "task_concurrency" },
    { laneId: 2, reason: "task_concurrency" },
    { laneId: 3, reason: "no_free_slot" },
  ]);
});

test("CC-5: a limit below what runs, or of 0, gives nothing and stops nothing", () => {
  const lowered = lane(1, { waiting: 2, running: 5 }, { task: "a", taskConcurrency: 2 });
  const closed = lane(2, { waiting: 2 }, { task: "b", taskConcurrency: 0 });
  const plan = planClaims([lowered, closed], 10);
  expect(plan.grants).toEqual([]);
  expect(plan.held.map(({ reason }) => reason)).toEqual(["task_concurrency", "task_concurrency"]);
});

test("no plan gives more than slots, work and limits allow, or leaves a slot free that could be used", () => {
  const lanes = fc.array(
    fc.record({
      waiting: fc.nat({ max: 6 }),
      running: fc.nat({ max: 3 }),
      servedAt: fc.nat({ max: 9 }),
      priority: fc.nat({ max: 2 }),
      pipeline: fc.constantFrom("a", "b", "c"),
      limit: fc.option(fc.nat({ max: 5 })),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(lanes, fc.nat({ max: 20 }), (drawn, slots) => {
      const views = drawn.map(({ waiting, running, servedAt, priority, pipeline, limit }, id) => {
        const limited = limit === null ? {} : { task: `t${id}`, taskConcurrency: limit };
        return lane(id, { waiting, running, servedAt }, { priority, pipeline, ...limited });
      });
      const { grants, held } = planClaims(views, slots);
      const counts = new Map(grants.map(({ laneId, count }) => [laneId, count]));
      const room = views.map(({ waiting, running, key }) =>
        Math.min(waiting, Math.max(0, (key.taskConcurrency ?? Number.POSITIVE_INFINITY) - running)),
      );
      const total = room.reduce((sum, count) => sum + count, 0);
      expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(Math.min(slots, total));
      for (const view of views) {
        const count = counts.get(view.id) ?? 0;
        expect(count).toBeLessThanOrEqual(room[view.id] ?? 0);
        expect(held.some(({ laneId }) => laneId === view.id)).toBe(count < view.waiting);
      }
    }),
  );
});

function lane(id: number, view: Partial<LaneView>, key: Partial<LaneKey> = {}): LaneView {
  const full = { project: "p", queue: "default", priority: 0, pipeline: "sales", ...key };
  return { id, key: full, waiting: 0, running: 0, servedAt: 0, ...view };
}

function grants(lanes: readonly LaneView[], slots: number): Readonly<Record<number, number>> {
  return Object.fromEntries(planClaims(lanes, slots).grants.map(({ laneId, count }) => [laneId, count]));
}
