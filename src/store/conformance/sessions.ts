import { expect, test } from "vitest";
import { chain } from "./pipelines.ts";
import { Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

export function testSessions(subject: Subject): void {
  test("a session reads back as it was opened, with the time of its last renewal", async () => {
    await using scenario = await Scenario.begin(subject);
    const process = { hostname: "näher", hostId: "boot-7", pid: 42, startTime: "998877" };
    const session = { project: "shop", role: "run" as const, process, leaseMs: 5_000, runs: ["run-1", "run-2"] };
    await scenario.store.openSession({ id: "session-2", ...session });
    const openedAt = scenario.clock.wall();
    scenario.clock.advance(3_000);
    expect(await scenario.store.renewSession("session-2")).toEqual({ alive: true });
    const times = { openedAt, renewedAt: openedAt + 3_000 };
    expect((await scenario.store.sessions())[1]).toEqual({ id: "session-2", ...session, ...times });
  });

  test("a session that was closed, or never opened, is not alive", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.store.closeSession("session-1");
    expect(await scenario.store.sessions()).toEqual([]);
    expect(await scenario.store.renewSession("session-1")).toEqual({ alive: false });
    expect(await scenario.store.renewSession("unknown")).toEqual({ alive: false });
  });

  test("B18: a session that was reaped claims nothing more, and its writes are stale", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {} });
    const claims = await scenario.claim(1);
    const lost = await scenario.store.reapSessions([scenario.session]);
    expect(lost).toEqual([
      { taskRunKey: claims[0]?.taskRunKey, token: 1, runId: run, taskIndex: 0, sessionId: "session-1", final: false },
    ]);
    expect(await scenario.store.renewSession(scenario.session)).toEqual({ alive: false });
    expect(await scenario.claim()).toEqual([]);
    expect((await scenario.end(claims, SUCCESS)).completions).toEqual(["stale"]);
    expect(await scenario.states(run)).toEqual({ a: "queued", b: "queued" });
  });

  test("B14: no attempt is lost twice", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { lostLimit: 1 } });
    await scenario.claim();
    expect(await scenario.store.reapSessions(["session-1"])).toHaveLength(1);
    expect(await scenario.store.reapSessions(["session-1"])).toEqual([]);
    expect(await scenario.taskRun(run, "a")).toMatchObject({ state: "queued", lost: 1 });
  });

  test("B13: an attempt that has ended is not lost any more", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.store.reapSessions(["session-1"])).toEqual([]);
    expect(await scenario.runState(run)).toBe("success");
  });

  test("ST-5: a loss past the limit is final, with its dead letter, and says so", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { lostLimit: 0 }, b: { after: ["a"] } });
    await scenario.claim();
    expect(await scenario.store.reapSessions(["session-1"])).toMatchObject([{ final: true, taskIndex: 0 }]);
    expect(await scenario.states(run)).toEqual({ a: "failed", b: "upstream_failed" });
    const failed = await scenario.taskRun(run, "a");
    expect(failed).toMatchObject({ reason: "lost", failure: { reason: "lost" } });
    expect(failed.failure?.message).toContain("process 4711 on host");
  });

  test("reaping several sessions takes what each of them holds, and nothing of others", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ a: {}, b: {}, c: {} });
    const held = [await scenario.claim(1)];
    for (const id of ["session-2", "session-3"]) {
      scenario.session = await scenario.openSession(id);
      held.push(await scenario.claim(1));
    }
    const lost = await scenario.store.reapSessions(["session-1", "session-3", "unknown"]);
    expect(lost.map(({ sessionId }) => sessionId).sort()).toEqual(["session-1", "session-3"]);
    scenario.session = "session-2";
    expect((await scenario.end(held[1] ?? [], SUCCESS)).completions).toEqual(["accepted"]);
  });

  test("B26: what a reaped session held in a cancelled run ends as cancelled and is not tried again", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    await scenario.claim();
    await scenario.store.cancelRun(run, "anna");
    expect(await scenario.store.reapSessions(["session-1"])).toMatchObject([{ final: false }]);
    expect(await scenario.states(run)).toEqual({ a: "cancelled", b: "cancelled" });
    expect(await scenario.runState(run)).toBe("cancelled");
  });

  test("closing a session that still holds something gives it back", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    await scenario.claim();
    await scenario.store.closeSession("session-1");
    expect(await scenario.states(run)).toEqual({ a: "queued" });
  });
}
