import { expect, test } from "vitest";
import type { AwaitedEvent } from "../signal-store.ts";
import type { TaskRunRecord } from "../store.ts";
import { Scenario } from "./scenario.ts";
import type { Subject } from "./subject.ts";
import { HOUR_MS, orders } from "./trigger-sketch.ts";

export function testAwaitedEvents(subject: Subject): void {
  test("WT-3: an event that came before its waiter is taken within its time to live, that which ends first", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    const one = await waiterIn(scenario);
    expect(await store.takeEvent(one)).toBeUndefined();
    await store.emit([orders("long", {}, { ttlMs: 3 * HOUR_MS }), orders("short", {}, { ttlMs: HOUR_MS })]);
    await store.emit([orders("gone", {}, { ttlMs: 1 }), orders("other", {}, { name: "files" })]);
    clock.advance(1);
    expect(await store.takeEvent(one)).toMatchObject({ id: "short", name: "orders" });
    clock.advance(3 * HOUR_MS);
    expect(await store.takeEvent(await waiterIn(scenario))).toBeUndefined();
  });

  test("WT-3: each event is taken once by a task, in whatever run; another task takes it too", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await store.emit([orders("1"), orders("2", {}, { key: "eu" })]);
    const first = await waiterIn(scenario);
    const second = await waiterIn(scenario);
    const third = await waiterIn(scenario);
    const elsewhere = { ...third, task: { pipeline: "daily", name: "other" } };
    expect(await store.takeEvent({ ...first, filter: { key: "eu", where: [] } })).toMatchObject({ id: "2", key: "eu" });
    expect(await store.takeEvent(second)).toMatchObject({ id: "1" });
    expect(await store.takeEvent(third)).toBeUndefined();
    expect(await store.takeEvent(elsewhere)).toMatchObject({ id: "1" });
  });

  test("WT-3: who asks again is given the same, and a task run that is cleared waits for another", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    await store.emit([orders("1", { rows: 1 }, { ttlMs: HOUR_MS }), orders("2", {}, { ttlMs: 2 * HOUR_MS })]);
    const waiter = await waiterIn(scenario);
    expect(await store.takeEvent(waiter)).toMatchObject({ id: "1" });
    clock.advance(HOUR_MS);
    await store.emit([orders("3")]);
    expect(await store.takeEvent(waiter)).toMatchObject({ id: "1", payload: { rows: 1 } });
    expect(await store.takeEvent({ ...waiter, generation: 2 })).toMatchObject({ id: "2" });
    // What a task has waited for has not started its run.
    expect(await store.eventsOf(waiter.run)).toEqual([]);
  });

  test("WT-3: of two who race for one event one takes it", async () => {
    await using scenario = await Scenario.begin(subject);
    const another = await scenario.opened.another();
    const waiters = [await waiterIn(scenario), await waiterIn(scenario), await waiterIn(scenario)];
    await scenario.store.emit([orders("1"), orders("2")]);
    const taken = await Promise.all(
      waiters.map((waiter, index) => (index === 0 ? (another ?? scenario.store) : scenario.store).takeEvent(waiter)),
    );
    expect(taken.flatMap((event) => event?.id ?? []).sort()).toEqual(["1", "2"]);
    await another?.close();
  });
}

/** A run of its own with a task that waits for any order. */
async function waiterIn(scenario: Scenario): Promise<AwaitedEvent> {
  const run = await scenario.start({ wait: {} });
  const { key }: TaskRunRecord = await scenario.taskRun(run, "wait");
  const waiter = { run, taskRunKey: key, generation: 1, task: { pipeline: "daily", name: "wait" } };
  return { project: "shop", name: "orders", filter: { where: [] }, ...waiter };
}
