import { expect, test } from "vitest";
import type { BackfillId } from "../backfill-id.ts";
import type { BackfillRecord, BackfillRequest, NewBackfill } from "../backfill-records.ts";
import type { RunId } from "../run-id.ts";
import type { RunRecord } from "../run-records.ts";
import type { PipelineSketch } from "./pipelines.ts";
import { FAILED, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const DAY = 86_400_000;
const ALONE: PipelineSketch = { load: {} };

export function testBackfills(subject: Subject): void {
  test.each([
    ["missing", [3, 4, 8, 9]],
    ["failed", [3, 4, 6, 8, 9]],
    ["all", [3, 4, 5, 6, 8, 9]],
  ] as const)("BF-2: %s runs %j of Jan 3-9 when the 5th succeeded, the 6th failed, the 7th runs", async (how, days) => {
    await using scenario = await Scenario.begin(subject);
    await liveRun(scenario, 5, SUCCESS);
    await liveRun(scenario, 6, FAILED);
    const running = await liveRun(scenario, 7);
    const preview = await scenario.store.previewBackfill(await sketch(scenario, [3, 9], { reprocess: how }));
    expect(preview.runs).toBe(days.length);
    expect(preview.first).toEqual(days.map(day));
    expect(preview.left).toContainEqual({ ...day(7), reason: "in_flight" });
    const backfill = await begin(scenario, [3, 9], { reprocess: how });
    expect(await daysRun(scenario, backfill)).toEqual(days);
    expect(await scenario.runState(running)).toBe("running");
    await workOff(scenario, backfill);
    expect(await read(scenario, backfill)).toMatchObject({ state: "done", runs: { success: days.length } });
  });

  test("BF-3, BF-5: it keeps so many runs under way, and is done when nothing is left and the last has ended", async () => {
    await using scenario = await Scenario.begin(subject);
    const backfill = await begin(scenario, [1, 5], {}, { maxActive: 2 });
    expect(await daysRun(scenario, backfill)).toEqual([1, 2]);
    const [claim] = await scenario.claim(1);
    if (claim === undefined) throw new Error("Nothing claimed");
    await scenario.end([claim], SUCCESS);
    expect(await advance(scenario, { only: backfill.id })).toMatchObject({
      isBusy: false,
      active: [expect.any(String), expect.any(String)],
    });
    expect(await daysRun(scenario, backfill)).toEqual([1, 2, 3]);
    await workOff(scenario, backfill);
    expect(await read(scenario, backfill)).toMatchObject({ state: "done", intervals: 5, runs: { success: 5 } });
    expect((await advance(scenario)).open).toBe(0);
  });

  test("BF-4: newest first", async () => {
    await using scenario = await Scenario.begin(subject);
    const backfill = await begin(scenario, [1, 9], { order: "newest_first" }, { maxActive: 3 });
    expect(await daysRun(scenario, backfill)).toEqual([9, 8, 7]);
  });

  test("BF-4: one run over the whole range, which speaks for each of its intervals", async () => {
    await using scenario = await Scenario.begin(subject);
    const one = await begin(scenario, [2, 4], { isSingleRun: true });
    const [run] = await runsOf(scenario, one);
    expect(run?.interval).toEqual({ start: day(2).start, end: day(4).end });
    expect((await read(scenario, await begin(scenario, [1, 5]))).runs.running).toBe(2);
    await workOff(scenario, one);
    expect((await scenario.store.previewBackfill(await sketch(scenario, [1, 5]))).runs).toBe(0);
  });

  test("BF-5, I23: while it is unfinished the same request returns it, afterwards it is a new one", async () => {
    await using scenario = await Scenario.begin(subject);
    const wanted = await plan(scenario, [1, 3]);
    const first = await scenario.store.createBackfill(wanted);
    expect(await scenario.store.createBackfill(wanted)).toMatchObject({
      isNew: false,
      backfill: { id: first.backfill.id },
    });
    await workOff(scenario, first.backfill);
    const second = await scenario.store.createBackfill(wanted);
    expect(second.isNew).toBe(true);
    await workOff(scenario, second.backfill);
    expect(await read(scenario, second.backfill)).toMatchObject({ state: "done", skipped: { succeeded: 3 } });
  });

  test("I23: who advances it at the same time creates each interval once", async () => {
    await using scenario = await Scenario.begin(subject);
    const backfill = await create(scenario, [1, 20], { maxActive: 20 });
    await Promise.all(Array.from({ length: 4 }, () => advance(scenario)));
    const days = await daysRun(scenario, backfill);
    expect(new Set(days).size).toBe(days.length);
    await workOff(scenario, backfill);
    expect(await read(scenario, backfill)).toMatchObject({ state: "done", runs: { success: 20 } });
  });

  test("BF-5: of two that overlap the second leaves what is in flight, and each interval runs once", async () => {
    await using scenario = await Scenario.begin(subject);
    const first = await begin(scenario, [1, 6], {}, { maxActive: 3 });
    const second = await begin(scenario, [2, 8], {}, { maxActive: 9 });
    await workOff(scenario, first);
    await workOff(scenario, second);
    expect(await read(scenario, first)).toMatchObject({ runs: { success: 3 }, skipped: { succeeded: 3 } });
    expect(await read(scenario, second)).toMatchObject({ runs: { success: 5 }, skipped: { in_flight: 2 } });
  });

  test("BF-5: while it is paused nothing of it starts, and what runs goes on", async () => {
    await using scenario = await Scenario.begin(subject);
    const backfill = await begin(scenario, [1, 9], {}, { maxActive: 4 });
    const claims = await scenario.claim(2);
    expect(await act(scenario, backfill, "pause")).toBe("done");
    expect(await scenario.claim()).toEqual([]);
    const [lane] = await scenario.store.lanes();
    expect(lane?.holds).toMatchObject([{ kind: "slots", scope: `backfill:${backfill.id}`, slots: 0 }]);
    await scenario.end(claims, SUCCESS);
    await advance(scenario);
    expect(await read(scenario, backfill)).toMatchObject({ state: "paused", runs: { success: 2, running: 2 } });
    expect(await act(scenario, backfill, "pause")).toBe("refused");
    await act(scenario, backfill, "resume");
    await workOff(scenario, backfill);
    expect(await read(scenario, backfill)).toMatchObject({ state: "done", runs: { success: 9 } });
  });

  test("BF-5: one that is cancelled creates nothing more, and cancels its runs", async () => {
    await using scenario = await Scenario.begin(subject);
    const backfill = await begin(scenario, [1, 9], {}, { maxActive: 4 });
    await act(scenario, backfill, "pause");
    await act(scenario, backfill, "cancel");
    await advance(scenario);
    await advance(scenario);
    expect(await read(scenario, backfill)).toMatchObject({ state: "cancelled", runs: { cancelled: 4 } });
    expect(await act(scenario, backfill, "resume")).toBe("refused");
    expect((await scenario.store.previewBackfill(await sketch(scenario, [1, 9], { reprocess: "failed" }))).runs).toBe(
      9,
    );
  });

  test("BF-5: the failed part goes on from where it failed, each once, within the budget", async () => {
    await using scenario = await Scenario.begin(subject);
    const backfill = await create(scenario, [1, 4], { maxActive: 2 });
    await workOff(scenario, backfill, () => FAILED);
    expect(await read(scenario, backfill)).toMatchObject({ state: "done", runs: { failed: 4 } });
    const failed = (await runsOf(scenario, backfill)).map(({ id }) => id);
    expect(await act(scenario, backfill, "retry")).toBe("done");
    await advanceOut(scenario);
    expect(await read(scenario, backfill)).toMatchObject({ state: "running", runs: { running: 2, failed: 2 } });
    await workOff(scenario, backfill);
    expect(await read(scenario, backfill)).toMatchObject({ state: "done", runs: { success: 4, failed: 0 } });
    expect((await runsOf(scenario, backfill)).map(({ id }) => id)).toEqual(failed);
    expect(await act(scenario, backfill, "retry")).toBe("refused");
  });

  test("BF-6: it keeps its version until it is moved; what failed with the old one then has a new run", async () => {
    await using scenario = await Scenario.begin(subject);
    const backfill = await create(scenario, [1, 2]);
    await workOff(scenario, backfill, () => FAILED);
    const { versionHash } = await scenario.plan({ load: {}, more: {} });
    await act(scenario, backfill, "follow", versionHash);
    await act(scenario, backfill, "retry");
    await workOff(scenario, backfill);
    const runs = await runsOf(scenario, backfill);
    expect(runs.map((run) => [run.versionHash, run.state])).toEqual([
      [versionHash, "success"],
      [versionHash, "success"],
    ]);
    expect(await read(scenario, backfill)).toMatchObject({ state: "done", runs: { success: 2, failed: 0 } });
  });

  test("BF-5: what failed and has a newer run by now is not run again", async () => {
    await using scenario = await Scenario.begin(subject);
    const backfill = await create(scenario, [1, 2]);
    await workOff(scenario, backfill, () => FAILED);
    await liveRun(scenario, 1, SUCCESS);
    await act(scenario, backfill, "retry");
    await workOff(scenario, backfill);
    expect(await read(scenario, backfill)).toMatchObject({ state: "done", runs: { success: 1, failed: 1 } });
  });

  test("nothing of a backfill begins while its pipeline is paused", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.store.pausePipeline({ project: "shop", pipeline: "daily", actor: "anna" });
    const backfill = await begin(scenario, [1, 3]);
    expect(await daysRun(scenario, backfill)).toEqual([]);
    await scenario.store.resumePipeline({ project: "shop", pipeline: "daily", actor: "anna" });
    await workOff(scenario, backfill);
    expect((await read(scenario, backfill)).state).toBe("done");
  });

  test("backfills are read newest first, in pages, and those of one pipeline on their own", async () => {
    await using scenario = await Scenario.begin(subject);
    const ids: number[] = [];
    for (const to of [1, 2, 3]) ids.push((await begin(scenario, [1, to])).id);
    const [one, two, three] = ids;
    const filter = { project: "shop", limit: 2 };
    expect((await scenario.store.backfills(filter)).map(({ id }) => id)).toEqual([three, two]);
    expect((await scenario.store.backfills({ ...filter, pipeline: "daily", before: two ?? 0 }))[0]?.id).toBe(one);
    expect(await scenario.store.backfills({ ...filter, pipeline: "other" })).toEqual([]);
    expect(await scenario.store.backfill("other", one ?? 0)).toBeUndefined();
    expect(await scenario.store.actOnBackfill({ project: "shop", id: 99, action: "pause", actor: "anna" })).toEqual({
      kind: "not_found",
    });
  });
}

type Asked = Partial<BackfillRequest>;
/** Of January 1970, inclusive. */
type Days = readonly [number, number];

async function plan(
  scenario: Scenario,
  [from, to]: Days,
  asked: Asked = {},
  more: Partial<NewBackfill> = {},
): Promise<NewBackfill> {
  const { versionHash } = await scenario.plan(ALONE);
  const request: BackfillRequest = {
    ...{ timing: { kind: "cron", expression: "0 0 * * *" }, timezone: "UTC", from: `${from}`, to: `${to}` },
    ...{ reprocess: "missing", order: "oldest_first", isSingleRun: false, params: { region: "eu" } },
    ...asked,
  };
  return {
    ...{ project: "shop", pipeline: "daily", schedule: "main", versionHash, request, maxActive: 16, actor: "anna" },
    requestKey: JSON.stringify([from, to, asked]),
    range: { start: day(from).start, end: day(to).end },
    intervals: to - from + 1,
    ...more,
  };
}

async function sketch(scenario: Scenario, days: Days, asked: Asked = {}) {
  return plan(scenario, days, asked);
}

/** Begins a backfill, and its first runs. */
async function begin(
  scenario: Scenario,
  days: Days,
  asked: Asked = {},
  more: Partial<NewBackfill> = {},
): Promise<BackfillRecord> {
  const backfill = await create(scenario, days, more, asked);
  await advance(scenario);
  return backfill;
}

/** Of which no run has begun yet. */
async function create(scenario: Scenario, days: Days, more: Partial<NewBackfill> = {}, asked: Asked = {}) {
  return (await scenario.store.createBackfill(await plan(scenario, days, asked, more))).backfill;
}

let runs = 0;

function advance({ store }: Scenario, which: { readonly only?: BackfillId } = {}) {
  const newRunId = () => `backfill-${String(++runs).padStart(4, "0")}`;
  return store.advanceBackfills({ project: "shop", newRunId, ...which });
}

async function advanceOut(scenario: Scenario): Promise<void> {
  while ((await advance(scenario)).isBusy);
}

/** Until nothing more comes of it. */
async function workOff(scenario: Scenario, { id }: BackfillRecord, resultOf = () => SUCCESS): Promise<void> {
  for (let round = 0; round < 100; round++) {
    await advanceOut(scenario);
    const { state } = await read(scenario, { id });
    if (state !== "running") return;
    const active = (await scenario.store.runs({ project: "shop", states: ["running"], limit: 100 })).filter(
      ({ backfill }) => backfill !== undefined,
    );
    const claims = await scenario.claim(100, { runs: active.map((run) => run.id) });
    await scenario.exchange(claims.map((claim) => [claim, resultOf()]));
  }
}

async function read({ store }: Scenario, { id }: Pick<BackfillRecord, "id">): Promise<BackfillRecord> {
  const found = await store.backfill("shop", id);
  if (found === undefined) throw new Error(`No backfill ${id}`);
  return found;
}

/** Those that it counts as its own, the oldest first. */
async function runsOf({ store }: Scenario, { id }: Pick<BackfillRecord, "id">): Promise<readonly RunRecord[]> {
  const found = await store.runs({ project: "shop", madeByBackfill: id, limit: 100 });
  return found.toReversed();
}

async function daysRun(scenario: Scenario, backfill: BackfillRecord): Promise<readonly number[]> {
  return (await runsOf(scenario, backfill)).map(({ interval }) => interval.end / DAY);
}

async function act(
  { store }: Scenario,
  { id }: BackfillRecord,
  action: "pause" | "resume" | "cancel" | "retry" | "follow",
  versionHash?: string,
): Promise<string> {
  const version = versionHash === undefined ? {} : { versionHash };
  return (await store.actOnBackfill({ project: "shop", id, action, actor: "anna", ...version })).kind;
}

/** A run that no backfill has made. */
async function liveRun(scenario: Scenario, number: number, result?: typeof SUCCESS): Promise<RunId> {
  const run = await scenario.start(ALONE, { interval: day(number), schedule: "main" });
  if (result !== undefined) await scenario.end(await scenario.claim(1, { runs: [run] }), result);
  return run;
}

function day(number: number) {
  return { start: (number - 1) * DAY, end: number * DAY };
}
