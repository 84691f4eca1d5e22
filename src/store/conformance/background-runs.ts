import { expect, test } from "vitest";
import type { SessionId } from "../session-id.ts";
import { chain, type PipelineSketch } from "./pipelines.ts";
import { FAILED, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const ALONE: PipelineSketch = { load: {} };

export function testBackgroundRuns(subject: Subject): void {
  test("BF-3: runs of a backfill take no place among the runs of their pipeline, and wait for none", async () => {
    await using scenario = await Scenario.begin(subject);
    const spec = { maxRuns: 1 };
    const first = await scenario.start(ALONE, { spec });
    const [one, other] = await scenario.startMany([ALONE, ALONE], { spec, backfill: 7 });
    const second = await scenario.start(ALONE, { spec });
    expect([one?.state, other?.state]).toEqual(["running", "running"]);
    expect([one?.backfill, (await scenario.store.run(first))?.backfill]).toEqual([7, undefined]);
    expect(await scenario.runState(second)).toBe("queued");
    expect(await scenario.store.pipelineLoad("shop", "daily")).toMatchObject({ running: 1, queued: 1 });
    await scenario.end(await scenario.claim(1, { runs: [first] }), SUCCESS);
    expect(await scenario.store.admitRuns()).toEqual([second]);
  });

  test("BF-3: a run of a backfill that runs again needs no place either", async () => {
    await using scenario = await Scenario.begin(subject);
    const spec = { maxRuns: 1 };
    const run = await scenario.start(ALONE, { spec, backfill: 7 });
    await scenario.end(await scenario.claim(), FAILED);
    await scenario.start(ALONE, { spec });
    await scenario.store.rerun(run, "failed", "anna");
    expect(await scenario.runState(run)).toBe("running");
  });

  test("BF-3: live runs go before those of a backfill, which keep a tenth of the slots and leave a half of the rest", async () => {
    await using scenario = await Scenario.begin(subject);
    const capacity = 8;
    const background = await scenario.start(wide(20), { pipeline: "past", backfill: 7 });
    const alone = await scenario.claim(8, { capacity });
    expect(alone).toHaveLength(4);
    scenario.clock.advance(1_000);
    const live = await scenario.start(wide(20));
    expect((await scenario.claim(2, { capacity })).map(({ runId }) => runId)).toEqual([live, live]);
    await scenario.end(alone, SUCCESS);
    const next = (await scenario.claim(6, { capacity })).map(({ runId }) => runId);
    expect(next.filter((id) => id === background)).toHaveLength(1);
    expect(next.filter((id) => id === live)).toHaveLength(5);
    // Who claims for the backfill alone has nobody to leave slots to.
    expect(await scenario.claim(8, { capacity, runs: [background] })).toHaveLength(8);
  });

  test("BF-3: the more slots live runs hold, the fewer a backfill takes of those that are left", async () => {
    await using scenario = await Scenario.begin(subject);
    const capacity = 8;
    const live = await scenario.start(wide(4));
    const background = await scenario.start(wide(20), { pipeline: "past", backfill: 7 });
    const runsOf = async (slots: number) => (await scenario.claim(slots, { capacity })).map(({ runId }) => runId);
    expect(await runsOf(3)).toEqual([background, live, live]);
    expect(await runsOf(5)).toEqual([live, live, background]);
    expect(await runsOf(2)).toEqual([]);
  });

  test.each([
    ["a pool", { pools: [{ name: "db", slots: 1 }] }],
    ["a tag", { tags: ["heavy"] }],
  ] as const)(
    "BF-3: of %s a backfill leaves half of what live runs leave, in whichever process it runs",
    async (_, task) => {
      await using scenario = await Scenario.begin(subject);
      scenario.limits = { pools: { db: 4 }, tagLimits: { heavy: 4 } };
      const background = await scenario.start(wide(9, task), { pipeline: "past", backfill: 7 });
      const first = await scenario.claim(9, { capacity: 40 });
      expect(first).toHaveLength(2);
      const [lane] = await scenario.store.lanes();
      expect(lane?.holds).toMatchObject([{ kind: "background" }]);
      const own = await openBackfill(scenario);
      expect(await scenario.claim(9, { session: own, runs: [background] })).toEqual([]);
      const live = await scenario.start(wide(2, task));
      expect((await scenario.claim(9, { capacity: 40 })).map(({ runId }) => runId)).toEqual([live, live]);
      await scenario.end(first, SUCCESS);
      expect(await scenario.claim(9, { session: own, runs: [background] })).toHaveLength(1);
    },
  );

  test("BF-3: where nobody executes live runs a backfill takes a whole pool", async () => {
    await using scenario = await Scenario.begin(subject);
    scenario.limits = { pools: { db: 4 } };
    const task = { pools: [{ name: "db", slots: 1 }] };
    const background = await scenario.start(wide(9, task), { pipeline: "past", backfill: 7 });
    await scenario.store.closeSession(scenario.session);
    const own = await openBackfill(scenario);
    expect(await scenario.claim(9, { session: own, runs: [background] })).toHaveLength(4);
    expect((await scenario.store.lanes())[0]?.holds).toMatchObject([{ kind: "slots", used: 4 }]);
  });

  test("BF-3: a run of a backfill that waits for the past has no place to give back", async () => {
    await using scenario = await Scenario.begin(subject);
    const spec = { maxRuns: 1 };
    const past: PipelineSketch = { load: { dependsOnPast: true } };
    await scenario.start(past, { spec, backfill: 7, interval: { start: 1, end: 2 } });
    const second = await scenario.start(past, { spec, backfill: 7, interval: { start: 2, end: 3 } });
    await scenario.startMany([ALONE, ALONE], { spec, interval: { start: 9, end: 9 } });
    await scenario.store.releasePast();
    expect(await scenario.runState(second)).toBe("running");
    await scenario.runOut();
    await scenario.store.releasePast();
    await scenario.runOut();
    expect(await scenario.runState(second)).toBe("success");
  });

  test("RS-6: failed runs of a backfill pause no pipeline, and are no part of a series", async () => {
    await using scenario = await Scenario.begin(subject);
    const spec = { pauseAfterFailures: 2 };
    for (const more of [{ backfill: 7 }, { backfill: 7 }, {}]) {
      await scenario.start(chain("a"), { spec, ...more });
      await scenario.runOut(() => FAILED);
    }
    expect(await scenario.store.pausedPipelines("shop")).toEqual([]);
    await scenario.start(chain("a"), { spec });
    await scenario.runOut(() => FAILED);
    expect(await scenario.store.pausedPipelines("shop")).toHaveLength(1);
  });
}

function wide(count: number, task: PipelineSketch[string] = {}): PipelineSketch {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, task]));
}

/** A process that works on one backfill alone. */
function openBackfill({ store }: Scenario): Promise<SessionId> {
  const process = { hostname: "host", hostId: "boot", pid: 4712, startTime: "1" };
  const which = { id: "backfill", project: "shop", role: "run", runs: [], backfill: 7 } as const;
  return store.openSession({ ...which, process, leaseMs: 10_000 });
}
