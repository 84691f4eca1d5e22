import { expect, test } from "vitest";
import type { OpenHours } from "../../core/open-hours.ts";
import { Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const HOUR_MS = 3_600_000;
/** The clock of tests stands at midnight in UTC. */
const MORNING: OpenHours = { timezone: "UTC", windows: [{ fromMinute: 120, toMinute: 240 }] };

/** Attempts that start within certain hours alone (TI-8). */
export function testOpenHours(subject: Subject): void {
  test("TI-8: a task waits until its hours open, says when, and goes on when they close", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ load: { runOnlyBetween: MORNING }, free: {} });
    const { claims, nextClaimInMs } = await scenario.exchange([], {});
    expect(scenario.names(claims)).toEqual(["free"]);
    expect(nextClaimInMs).toBe(2 * HOUR_MS);
    const [lane] = await scenario.store.lanes();
    const opensAt = scenario.clock.wall() + 2 * HOUR_MS;
    expect(lane?.holds).toEqual([{ kind: "hours", scope: "hours:UTC 02:00-04:00", opensAt }]);
    scenario.clock.advance(2 * HOUR_MS - 1);
    expect(await scenario.claim()).toEqual([]);
    scenario.clock.advance(1);
    const begun = await scenario.claim();
    expect(scenario.names(begun)).toEqual(["load"]);
    scenario.clock.advance(2 * HOUR_MS);
    expect((await scenario.end(begun, SUCCESS)).completions).toEqual(["accepted"]);
  });

  test("TI-8: the hours of a pipeline and of a pool hold their tasks", async () => {
    await using scenario = await Scenario.begin(subject);
    scenario.limits = { pools: { night: { slots: 4, runOnlyBetween: MORNING } } };
    await scenario.start({ a: {} }, { pipeline: "hours", spec: { runOnlyBetween: MORNING } });
    await scenario.start({ b: { pools: [{ name: "night", slots: 1 }] }, c: {} }, { pipeline: "pooled" });
    expect(scenario.names(await scenario.claim())).toEqual(["c"]);
    scenario.clock.advance(2 * HOUR_MS);
    expect([...scenario.names(await scenario.claim())].sort()).toEqual(["a", "b"]);
  });
}
