import { expect, test } from "vitest";
import { FAILED, Scenario } from "./scenario.ts";
import type { Subject } from "./subject.ts";
import {
  afterPipeline,
  deployTriggers,
  dueNow,
  fire,
  fireAll,
  HOUR_MS,
  onOrders,
  orders,
  triggerOf,
} from "./trigger-sketch.ts";

export function testTriggers(subject: Subject): void {
  test("each event that is meant starts one run, which knows it; none that was sent before the deployment", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await store.emit([orders("early", { region: "eu" })]);
    await deployTriggers(scenario, { load: [triggerOf({ source: onOrders("eu") })], other: [triggerOf()] });
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([]);
    await store.emit([orders("1", { region: "eu" }, { key: "k" }), orders("2", { region: "us" })]);
    await store.emit([orders("3", { region: "eu" }), { ...orders("4"), name: "files" }]);
    await scenario.opened.eventsReadable();
    expect([...(await fireAll(store))].sort()).toEqual([["1"], ["1"], ["2"], ["3"], ["3"]]);
    expect(await fireAll(store)).toEqual([]);
    const runs = await store.runs({ project: "shop", pipeline: "load", limit: 10 });
    expect(runs).toMatchObject([{ trigger: "sensor", state: "running" }, { actor: "trigger main" }]);
    expect(await store.eventsOf(runs[1]?.id ?? "")).toEqual([
      { id: "1", name: "orders", key: "k", at: scenario.clock.wall(), payload: { region: "eu" } },
    ]);
    expect(await store.eventsOf("unknown")).toEqual([]);
  });

  test("whoever races, one of those who saw the same takes it", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await deployTriggers(scenario, { load: [triggerOf()] });
    await store.emit([orders("1")]);
    await scenario.opened.eventsReadable();
    const [one] = await dueNow(store);
    const [other] = await dueNow(store);
    if (one === undefined || other === undefined) throw new Error("Nothing is due");
    expect(await fire(store, one)).toBe(true);
    expect(await fire(store, other)).toBe(false);
    expect(await store.runs({ project: "shop", limit: 10 })).toHaveLength(1);
  });

  test("a run is of the version that is deployed, though another was when somebody looked", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await deployTriggers(scenario, { load: [triggerOf()] });
    await store.emit([orders("1")]);
    await scenario.opened.eventsReadable();
    const [due] = await dueNow(store);
    const versionHash = await deployTriggers(scenario, { load: [triggerOf()], other: [] });
    if (due === undefined) throw new Error("Nothing is due");
    expect(await fire(store, due)).toBe(false);
    expect(await fireAll(store)).toEqual([["1"]]);
    expect(await store.runs({ project: "shop", limit: 10 })).toMatchObject([{ versionHash }]);
  });

  test("an event that comes while somebody looks is seen afterwards", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await deployTriggers(scenario, { load: [triggerOf()] });
    await store.emit([orders("1")]);
    await scenario.opened.eventsReadable();
    const [due] = await dueNow(store);
    if (due === undefined) throw new Error("Nothing is due");
    await store.emit([orders("2")]);
    await scenario.opened.eventsReadable();
    await store.dueTriggers("shop", 1);
    await fire(store, due);
    expect(await fireAll(store)).toEqual([["2"]]);
  });

  test("a debounced trigger fires once for a burst, when it is quiet or has waited long enough", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    const debounce = { quietMs: 10_000, maxWaitMs: 25_000 };
    await deployTriggers(scenario, { load: [triggerOf({ debounce })] });
    const send = async (id: string) => {
      await store.emit([orders(id)]);
      await scenario.opened.eventsReadable();
      return fireAll(store);
    };
    const began = clock.wall();
    expect(await send("1")).toEqual([]);
    clock.advance(9_000);
    expect(await send("2")).toEqual([]);
    expect(await store.dueTriggers("shop", 1)).toMatchObject({ nextInMs: 1_000 });
    clock.advance(10_000);
    expect(await fireAll(store)).toEqual([["1", "2"]]);
    expect(await store.runs({ project: "shop", limit: 1 })).toMatchObject([
      { interval: { start: began, end: began + 9_000 } },
    ]);
    for (const id of ["3", "4", "5", "6"]) {
      expect(await send(id)).toEqual([]);
      clock.advance(8_000);
    }
    expect(await fireAll(store)).toEqual([["3", "4", "5", "6"]]);
  });

  test("a batched trigger makes one run in so long with all events since, and more runs when one cannot take them", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    await deployTriggers(scenario, { load: [triggerOf({ batch: { everyMs: 60_000, max: 3 } })] });
    const send = async (...ids: string[]) => {
      await store.emit(ids.map((id) => orders(id)));
      await scenario.opened.eventsReadable();
      return fireAll(store);
    };
    expect(await send("1")).toEqual([["1"]]);
    clock.advance(59_999);
    expect(await send("2", "3")).toEqual([]);
    expect(await store.triggers("shop")).toMatchObject([{ pending: 2, openAt: clock.wall() + 1 }]);
    clock.advance(1);
    expect(await fireAll(store)).toEqual([["2", "3"]]);
    clock.advance(60_000);
    expect(await send("4", "5", "6", "7")).toEqual([["4", "5", "6"], ["7"]]);
    expect(await send("8")).toEqual([]);
  });

  test("the time of a batch counts from its run, however long it took to make that", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    await deployTriggers(scenario, { load: [triggerOf({ batch: { everyMs: 60_000, max: 3 } })] });
    await store.emit([orders("1")]);
    await scenario.opened.eventsReadable();
    const [due] = await dueNow(store);
    clock.advance(5_000);
    if (due === undefined) throw new Error("Nothing is due");
    await fire(store, due);
    await store.emit([orders("2")]);
    await scenario.opened.eventsReadable();
    clock.advance(59_999);
    expect(await fireAll(store)).toEqual([]);
    clock.advance(1);
    expect(await fireAll(store)).toEqual([["2"]]);
  });

  test("a paused pipeline keeps its events, and starts what waited when it goes on", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await deployTriggers(scenario, { load: [triggerOf()] });
    await store.emit([orders("1")]);
    await scenario.opened.eventsReadable();
    const [due] = await dueNow(store);
    const pause = { project: "shop", pipeline: "load", actor: "anna" };
    await store.pausePipeline(pause);
    if (due === undefined) throw new Error("Nothing is due");
    expect(await fire(store, due)).toBe(false);
    await store.emit([orders("2")]);
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([]);
    expect(await store.triggers("shop")).toMatchObject([{ pending: 2 }]);
    await store.resumePipeline(pause);
    expect(await fireAll(store)).toEqual([["1"], ["2"]]);
  });

  test("an event that is refused stays with its reason, and the others go on", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    await deployTriggers(scenario, { load: [triggerOf()] });
    await store.emit([orders("1"), orders("2")]);
    await scenario.opened.eventsReadable();
    const [due] = await dueNow(store);
    if (due === undefined) throw new Error("Nothing is due");
    await store.fireTrigger({ ...due, groups: due.groups }, [
      { kind: "refused", message: "No region.", hint: "Send one." },
      { kind: "refused", message: "No \0 rows." },
    ]);
    expect(await fireAll(store)).toEqual([]);
    expect(await store.triggers("shop", "load")).toMatchObject([
      {
        ...{ pending: 0, fault: { message: "No \u{fffd} rows.", since: clock.wall(), times: 2 } },
        refused: [
          { id: "2", name: "orders", at: clock.wall(), fault: "No \u{fffd} rows." },
          { id: "1", fault: "No region." },
        ],
      },
    ]);
    await store.emit([orders("3")]);
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([["3"]]);
    expect((await store.triggers("shop"))[0]).not.toHaveProperty("fault");
  });

  test("what cannot fire for another reason is tried again later, with its events", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    await deployTriggers(scenario, { load: [triggerOf()] });
    await store.emit([orders("1")]);
    await scenario.opened.eventsReadable();
    const [due] = await dueNow(store);
    if (due === undefined) throw new Error("Nothing is due");
    await store.postponeTrigger(due, { message: "No process.", delayMs: 5_000 });
    expect(await store.triggers("shop")).toMatchObject([{ pending: 1, fault: { message: "No process.", times: 1 } }]);
    expect(await fireAll(store)).toEqual([]);
    clock.advance(5_000);
    expect(await fireAll(store)).toEqual([["1"]]);
  });

  test("an edited trigger goes on where it was; one that was away has missed what came meanwhile", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    const batch = { everyMs: HOUR_MS, max: 10 };
    await deployTriggers(scenario, { load: [triggerOf({ batch })] });
    await store.emit([orders("1")]);
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([["1"]]);
    await store.emit([orders("2")]);
    await scenario.opened.eventsReadable();
    const seen = await fireAll(store);
    await deployTriggers(scenario, { load: [triggerOf()] });
    expect([...seen, ...(await fireAll(store))]).toEqual([]);
    scenario.clock.advance(HOUR_MS);
    expect(await fireAll(store)).toEqual([["2"]]);
    await deployTriggers(scenario, { load: [] });
    expect(await store.triggers("shop")).toEqual([]);
    await store.emit([orders("3")]);
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([]);
    await deployTriggers(scenario, { load: [triggerOf()] });
    await store.emit([orders("4")]);
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([["4"]]);
  });

  test("what a run has taken stays when its time is over; what nobody has taken by then is gone", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    await deployTriggers(scenario, { load: [triggerOf()] });
    await store.emit([orders("1")]);
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([["1"]]);
    await store.emit([orders("2")]);
    clock.advance(24 * HOUR_MS);
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([]);
    await store.emit([orders("3")]);
    const [run] = await store.runs({ project: "shop", limit: 1 });
    expect(await store.eventsOf(run?.id ?? "")).toMatchObject([{ id: "1" }]);
    expect(await scenario.opened.rows("select id from signal order by id")).toEqual([{ id: "1" }, { id: "3" }]);
  });

  test("the end of a run is an event for those who wait for its pipeline, and is written for nobody else", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await scenario.start({ a: {} }, { pipeline: "daily" });
    await scenario.runOut();
    expect(await scenario.opened.rows("select * from signal")).toEqual([]);
    await deployTriggers(scenario, {
      report: [triggerOf({ source: afterPipeline("daily") })],
      alarm: [triggerOf({ source: afterPipeline("daily", "failed") })],
      tidy: [triggerOf({ source: afterPipeline("daily", "finished") })],
    });
    const interval = { start: Date.UTC(2026, 0, 1), end: Date.UTC(2026, 0, 2) + 5 };
    const run = await scenario.start({ a: {} }, { pipeline: "daily", interval, ds: "2026-01-01" });
    await scenario.start({ a: {} }, { pipeline: "other" });
    await scenario.runOut();
    await scenario.opened.eventsReadable();
    await fireAll(store);
    const started = await store.runs({ project: "shop", states: ["running"], limit: 10 });
    expect(started.map(({ pipeline }) => pipeline).sort()).toEqual(["report", "tidy"]);
    expect(started).toMatchObject([{ interval }, { interval }]);
    expect(await store.eventsOf(started[0]?.id ?? "")).toMatchObject([
      {
        name: "pipeline:daily",
        payload: {
          ...{ run, pipeline: "daily", state: "success", ds: "2026-01-01", timezone: "UTC" },
          interval: { start: "2026-01-01T00:00:00.000Z", end: "2026-01-02T00:00:00.005Z" },
        },
      },
    ]);
    await scenario.start({ a: {} }, { pipeline: "daily" });
    await scenario.runOut(() => FAILED);
    const cancelled = await scenario.start({ a: {} }, { pipeline: "daily" });
    await store.cancelRun(cancelled, "anna");
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toHaveLength(3);
    expect(await store.runs({ project: "shop", pipeline: "alarm", limit: 10 })).toHaveLength(1);
    expect(await store.runs({ project: "shop", pipeline: "tidy", limit: 10 })).toHaveLength(3);
  });

  test("an event that is committed late is not skipped", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    const another = await scenario.opened.another();
    await deployTriggers(scenario, { load: [triggerOf()] });
    const sent: string[] = [];
    const taken: string[] = [];
    const send = async (from: typeof store, name: string) => {
      for (let index = 0; index < 20; index++) {
        await from.emit([orders(`${name}-${index}`)]);
        sent.push(`${name}-${index}`);
      }
    };
    const senders = Promise.all([send(store, "a"), send(another ?? store, "b"), send(store, "c")]);
    const isOver = { now: false };
    void senders.finally(() => {
      isOver.now = true;
    });
    while (!isOver.now) {
      taken.push(...(await fireAll(store)).flat());
      // The senders of another connection wait for each other by timers.
      await new Promise<void>((resolve) => scenario.clock.soon(resolve));
    }
    await senders;
    await scenario.opened.eventsReadable();
    taken.push(...(await fireAll(store)).flat());
    expect(taken.sort()).toEqual(sent.sort());
    await another?.close();
  });
}
