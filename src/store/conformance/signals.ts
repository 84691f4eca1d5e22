import { expect, test } from "vitest";
import type { NewSignal } from "../../core/trigger/signal.ts";
import { Scenario } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const HOUR_MS = 3_600_000;

export function testSignals(subject: Subject): void {
  test("an event with a known name and id is the same event, and changes nothing", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    expect(await store.emit([signal("1", { payload: { rows: 1 } }), signal("2"), signal("1")])).toEqual([
      { name: "orders", id: "1", isNew: true },
      { name: "orders", id: "2", isNew: true },
      { name: "orders", id: "1", isNew: false },
    ]);
    const again = [signal("1", { payload: { rows: 2 } }), signal("1", { name: "files" })];
    expect((await store.emit([...again, signal("1", { project: "other" })])).map(({ isNew }) => isNew)).toEqual([
      ...[false, true, true],
    ]);
    const kept = await scenario.opened.rows("select name, id, payload from signal where id = '1' order by seq");
    expect(kept).toMatchObject([{ name: "orders", payload: '{"rows":1}' }, { name: "files" }, { name: "orders" }]);
  });

  test("what cannot be kept is refused with what to do instead, and nothing of its company is kept", async () => {
    await using scenario = await Scenario.begin(subject);
    const large = signal("2", { payload: "x".repeat(10 * 1024 * 1024) });
    await expect(scenario.store.emit([signal("1"), large])).rejects.toMatchObject({
      code: "usage",
      message: 'The data of event "orders" has 10.0 MiB; 1 MiB is allowed.',
      hint: expect.stringContaining("send its path"),
    });
    for (const wrong of [
      { name: "pipeline:daily" },
      { name: "" },
      { id: "" },
      { key: "a\0" },
      { id: "x".repeat(201) },
    ]) {
      await expect(scenario.store.emit([signal("1", wrong)])).rejects.toMatchObject({ code: "usage" });
    }
    expect(await scenario.opened.rows("select * from signal")).toEqual([]);
    const fits = signal("3", { payload: `${"ä".repeat(512 * 1024 - 1)}` });
    expect(await scenario.store.emit([fits])).toMatchObject([{ isNew: true }]);
  });

  test("events whose time is over go when others come, some at a time", async () => {
    await using scenario = await Scenario.begin(subject);
    const many = Array.from({ length: 30 }, (_, index) => signal(`old-${index}`, { ttlMs: HOUR_MS }));
    await scenario.store.emit(many);
    const left = async () => (await scenario.opened.rows("select * from signal")).length;
    scenario.clock.advance(HOUR_MS - 1);
    await scenario.store.emit([signal("1", { ttlMs: 10 * HOUR_MS })]);
    expect(await left()).toBe(31);
    scenario.clock.advance(1);
    await scenario.store.emit([signal("2", { ttlMs: 10 * HOUR_MS })]);
    expect(await left()).toBe(21);
    for (const id of ["3", "4", "5"]) await scenario.store.emit([signal(id, { ttlMs: 10 * HOUR_MS })]);
    expect(await left()).toBe(5);
  });
}

function signal(id: string, more: Partial<NewSignal> = {}): NewSignal {
  return { project: "shop", name: "orders", id, payload: {}, ttlMs: 24 * HOUR_MS, ...more };
}
