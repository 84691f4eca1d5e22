import fc from "fast-check";
import { expect, test } from "vitest";
import { type BackgroundUse, backgroundLeast, backgroundMost } from "./background-share.ts";
import type { LaneKey, LanePlan, LaneView } from "./lane.ts";
import { planClaims } from "./lane-plan.ts";
import type { ScopeView } from "./scope.ts";

test.each([
  [2, 0, { least: 1, most: 1 }],
  [4, 0, { least: 1, most: 2 }],
  [8, 0, { least: 1, most: 4 }],
  [8, 1, { least: 1, most: 3 }],
  [8, 4, { least: 1, most: 2 }],
  [8, 7, { least: 1, most: 0 }],
  [16, 0, { least: 2, most: 8 }],
  [100, 20, { least: 10, most: 40 }],
])(
  "BF-3: of %i slots of which live runs hold %i backfills keep a tenth and leave half of the rest",
  (slots, live, share) => {
    expect({ least: backgroundLeast(slots, []), most: backgroundMost(slots, live) }).toEqual(share);
  },
);

test("BF-3: live lanes go first, whatever their priority, and backfills take half of what those leave", () => {
  const live = lane(1, { waiting: 3 }, { priority: -5 });
  const background = lane(2, { waiting: 99 }, { priority: 9, ...BACKFILL });
  const { grants, held } = plan([background, live], 7, { slots: 8, live: 0, background: 1 });
  expect(grants).toEqual([
    { laneId: 1, count: 3 },
    { laneId: 2, count: 1 },
  ]);
  expect(held).toEqual([{ laneId: 2, holds: [{ kind: "background" }] }]);
  expect(plan([background, live], 3, { slots: 8, live: 2, background: 3 }).held).toEqual([
    { laneId: 2, holds: [{ kind: "no_free_slot" }] },
  ]);
  expect(plan([background], 8, { slots: 8, live: 0, background: 0 }).grants).toEqual([{ laneId: 2, count: 4 }]);
  expect(plan([background], 2, { slots: 8, live: 0, background: 6 }).held).toEqual([
    { laneId: 2, holds: [{ kind: "background" }] },
  ]);
});

test("B43: a backfill that holds less than a tenth goes before live runs, however many of those wait", () => {
  const live = lane(1, { waiting: 500 });
  const background = lane(2, { waiting: 1 }, BACKFILL);
  expect(counts(plan([live, background], 1, { slots: 20, live: 19, background: 0 }))).toEqual({ 2: 1 });
  expect(counts(plan([live, background], 1, { slots: 20, live: 17, background: 2 }))).toEqual({ 1: 1 });
});

test("BF-3: where there is one slot, every tenth turn is a backfill's", () => {
  const live = (servedAt: number): LaneView => lane(1, { waiting: 9, servedAt });
  const background = lane(2, { waiting: 9, servedAt: 4 }, BACKFILL);
  const use = { slots: 1, live: 0, background: 0 };
  expect(counts(plan([live(12), background], 1, use))).toEqual({ 1: 1 });
  expect(counts(plan([live(13), background], 1, use))).toEqual({ 2: 1 });
  expect(counts(plan([background], 1, use))).toEqual({ 2: 1 });
});

test("BF-3: who claims for some runs alone has no live runs to leave slots to", () => {
  const background = lane(1, { waiting: 99 }, BACKFILL);
  expect(counts(plan([background], 8))).toEqual({ 1: 8 });
});

test("BF-3: no slots of a pool are kept for a backfill from live runs", () => {
  const heavy = lane(1, { waiting: 1, servedAt: 0 }, { scopes: [...BACKFILL.scopes, { name: "pool:a", weight: 3 }] });
  const live = lane(2, { waiting: 1, servedAt: 9 }, { scopes: [{ name: "pool:a", weight: 1 }] });
  const scopes = [{ name: "pool:a", slots: 3, used: 1 }];
  expect(counts(plan([heavy, live], 4, { slots: 4, live: 0, background: 1 }, scopes))).toEqual({ 2: 1 });
});

test.each([
  ["pool:db", 4, 0, 2],
  ["tag:heavy", 4, 2, 1],
  ["task:sales/load", 3, 0, 1],
  ["pipeline:sales", 10, 4, 3],
  ["pool:db", 1, 0, 1],
  ["pool:db", 2, 1, 1],
  // It is of one run, or of one backfill: live runs have no use for it.
  ["run:1", 4, 0, 4],
  ["map:1/load", 4, 0, 4],
])("BF-3: of %s with %i slots, of which live runs hold %i, backfills take %i", (name, slots, live, taken) => {
  const background = lane(1, { waiting: 9 }, { scopes: [...BACKFILL.scopes, { name, weight: 1 }] });
  const { grants, held } = plan([background], 9, undefined, [{ name, slots, used: live, background: 0 }]);
  expect(grants).toEqual([{ laneId: 1, count: taken }]);
  const isFull = taken === slots - live;
  expect(held[0]?.holds).toMatchObject([{ kind: isFull ? "slots" : "background", scope: name }]);
  // Where nobody runs live ones, nothing is left free.
  const alone = plan([background], 9, undefined, [{ name, slots, used: live }]);
  expect(counts(alone)).toEqual({ 1: slots - live });
});

test("BF-3: a task of a backfill that needs more than half of a pool starts when no other of them is there", () => {
  const large = lane(1, { waiting: 2 }, { scopes: [...BACKFILL.scopes, { name: "pool:db", weight: 2 }] });
  const pool = { name: "pool:db", slots: 4, used: 1 };
  expect(counts(plan([large], 9, undefined, [{ ...pool, background: 0 }]))).toEqual({ 1: 1 });
  expect(plan([large], 9, undefined, [{ ...pool, background: 1 }]).held).toEqual([
    { laneId: 1, holds: [{ kind: "background", scope: "pool:db" }] },
  ]);
});

test("BF-3: a pool that backfills have their part of lets live runs and other work of backfills pass", () => {
  const scopes = [{ name: "pool:db", slots: 4, used: 2, background: 2 }];
  const inPool = { scopes: [{ name: "pool:db", weight: 1 }] };
  const lanes = [
    lane(1, { waiting: 9 }, { scopes: [...BACKFILL.scopes, ...inPool.scopes] }),
    lane(2, { waiting: 9 }, { ...BACKFILL, pipeline: "other" }),
    lane(3, { waiting: 9 }, inPool),
  ];
  expect(counts(plan(lanes, 5, undefined, scopes))).toEqual({ 2: 3, 3: 2 });
});

test("two backfills take turns", () => {
  const lanes = [1, 2].map((id) =>
    lane(id, { waiting: 99 }, { pipeline: `p${id}`, scopes: [{ name: `backfill:${id}`, weight: 1 }] }),
  );
  expect(counts(plan(lanes, 6, { slots: 8, live: 0, background: 0 }))).toEqual({ 1: 2, 2: 2 });
});

test("BF-3: whatever waits and ends, backfills keep their tenth, never have all slots, and hold up no live task beyond", () => {
  const drawn = fc.record({
    slots: fc.integer({ min: 2, max: 40 }),
    live: fc.infiniteStream(fc.nat({ max: 30 })),
    ends: fc.infiniteStream(fc.nat()),
  });
  fc.assert(
    fc.property(drawn, ({ slots, live, ends }) => {
      const least = backgroundLeast(slots, []);
      const running: number[] = [];
      const held = (): number => running.filter((id) => id === 2).length;
      for (let round = 0; round < 60; round++) {
        const waiting = live.next().value ?? 0;
        const free = slots - running.length;
        const lanes = [lane(1, { waiting }), lane(2, { waiting: 1_000 }, BACKFILL)];
        const before = held();
        const use = { slots, live: running.length - before, background: before };
        const given = counts(plan(lanes, free, use));
        for (const id of [1, 2]) {
          running.push(...Array.from({ length: given[id] ?? 0 }, () => id));
        }
        const most = backgroundMost(slots, running.length - held());
        expect(held()).toBeLessThanOrEqual(Math.max(before, least, most));
        expect(held()).toBeGreaterThanOrEqual(Math.min(least, before + free));
        const owed = Math.min(Math.max(least - before, 0), free);
        expect(given[1] ?? 0).toBe(Math.min(waiting, free - owed));
        for (let ended = 0; ended < 3 && running.length > 0; ended++) {
          running.splice((ends.next().value ?? 0) % running.length, 1);
        }
      }
    }),
  );
});

const BACKFILL = { scopes: [{ name: "backfill:7", weight: 1 }] };

function lane(id: number, view: Partial<LaneView>, key: Partial<LaneKey> = {}): LaneView {
  const full = { project: "p", queue: "default", priority: 0, pipeline: "sales", scopes: [], ...key };
  return { id, key: full, waiting: 0, servedAt: 0, paused: false, ...view };
}

function plan(
  lanes: readonly LaneView[],
  slots: number,
  background?: BackgroundUse,
  scopes: readonly ScopeView[] = [],
): LanePlan {
  return planClaims(lanes, scopes, { slots, now: 0, ...(background === undefined ? {} : { background }) });
}

function counts({ grants }: LanePlan): Readonly<Record<number, number>> {
  return Object.fromEntries(grants.map(({ laneId, count }) => [laneId, count]));
}
