import { expect, test } from "vitest";
import { chain } from "./pipelines.ts";
import { FAILED, Scenario, SKIPPED, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

export function testCompletion(subject: Subject): void {
  test("a chain runs to its end, one completion and claim at a time", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b", "c"));
    const order: string[] = [];
    let claims = await scenario.claim(1);
    while (claims.length > 0) {
      order.push(...scenario.names(claims));
      const next = await scenario.exchange(
        claims.map((claim) => [claim, SUCCESS]),
        { slots: 1 },
      );
      expect(next.completions).toEqual(["accepted"]);
      if (order.length === 3) expect(next.finishedRuns).toEqual([{ runId: run, state: "success" }]);
      claims = next.claims;
    }
    expect(order).toEqual(["a", "b", "c"]);
    expect(await scenario.store.run(run)).toMatchObject({ state: "success", finishedAt: scenario.clock.wall() });
  });

  test("a claim carries what names the attempt", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    const [claim] = await scenario.claim();
    expect(claim).toEqual({
      taskRunKey: (await scenario.taskRun(run, "a")).key,
      token: 1,
      runId: run,
      taskIndex: 0,
      mapKey: "",
      generation: 1,
      attempt: 1,
      lost: 0,
    });
  });

  test("I02: a completion with an old token changes nothing", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    const [first] = await scenario.claim();
    if (first === undefined) throw new Error("Nothing claimed");
    await scenario.store.reapSessions([scenario.session]);
    scenario.session = await scenario.openSession("session-2");
    const [second] = await scenario.claim();
    expect(second?.token).toBe(2);
    const before = await scenario.events(run);
    const late = { ...first, session: "session-1", result: SUCCESS };
    expect((await scenario.store.completeAndClaim([late], undefined)).completions).toEqual(["stale"]);
    // The new owner's session does not make the old token current.
    expect((await scenario.end([first], SUCCESS)).completions).toEqual(["stale"]);
    expect(await scenario.events(run)).toEqual(before);
  });

  test("I03: a completion by a session that does not hold the lease changes nothing", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    const claims = await scenario.claim();
    scenario.session = await scenario.openSession("session-2");
    expect((await scenario.end(claims, SUCCESS)).completions).toEqual(["stale"]);
    expect(await scenario.states(run)).toEqual({ a: "running" });
  });

  test("I04: of two completions of one attempt only the first is accepted, in one batch and in two", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {} });
    const [a, b] = await scenario.claim();
    if (a === undefined || b === undefined) throw new Error("Nothing claimed");
    const once = await scenario.exchange([
      [a, SUCCESS],
      [a, FAILED],
      [b, SKIPPED],
    ]);
    expect(once.completions).toEqual(["accepted", "stale", "accepted"]);
    expect((await scenario.end([a], FAILED)).completions).toEqual(["stale"]);
    expect(await scenario.states(run)).toEqual({ a: "success", b: "skipped" });
    expect(await scenario.store.attempts(run)).toHaveLength(2);
  });

  test("a completion of a task run that never was is stale", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(chain("a"));
    const unknown = { taskRunKey: 987_654_321, token: 1, session: scenario.session, result: SUCCESS };
    expect((await scenario.store.completeAndClaim([unknown], undefined)).completions).toEqual(["stale"]);
  });

  test("a batch spans runs, and each answer stands at its place", async () => {
    await using scenario = await Scenario.begin(subject);
    const one = await scenario.start(chain("a", "b"));
    const two = await scenario.start(chain("x"));
    const claims = await scenario.claim();
    const unknown = { ...claims[0], taskRunKey: 987_654_321, token: 1 };
    const completions = [claims[1], unknown, claims[0]].map((claim) => {
      return { taskRunKey: claim?.taskRunKey ?? 0, token: claim?.token ?? 0, session: "session-1", result: SUCCESS };
    });
    const result = await scenario.store.completeAndClaim(completions, undefined);
    expect(result.completions).toEqual(["accepted", "stale", "accepted"]);
    expect(result.finishedRuns).toEqual([{ runId: two, state: "success" }]);
    expect(await scenario.states(one)).toEqual({ a: "success", b: "queued" });
  });

  test("I16: outputs are those of the accepted attempt, inline and as blobs", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {}, c: {}, d: {} });
    const [a, b, c, d] = await scenario.claim();
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error("Nothing claimed");
    const json = JSON.stringify({ rows: 3, text: "späte \u0000 Zeichen 🙂" });
    await scenario.exchange([
      [a, { kind: "success", output: { kind: "inline", json } }],
      [b, { kind: "success", output: { kind: "blob", hash: "abc", bytes: 2_000_000 } }],
      [c, SUCCESS],
      [d, SKIPPED],
      [a, { kind: "success", output: { kind: "inline", json: '"late"' } }],
    ]);
    const outputs = await scenario.store.outputs(run, [0, 1, 2, 3]);
    expect([...outputs].sort(([one], [other]) => one - other)).toEqual([
      [0, { kind: "inline", json }],
      [1, { kind: "blob", hash: "abc", bytes: 2_000_000 }],
    ]);
    expect([...(await scenario.store.outputs(run, [1])).keys()]).toEqual([1]);
  });

  test("an inline value of 1 MiB is kept", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    const json = JSON.stringify("x".repeat(1024 * 1024 - 2));
    await scenario.end(await scenario.claim(), { kind: "success", output: { kind: "inline", json } });
    expect((await scenario.store.outputs(run, [0])).get(0)).toEqual({ kind: "inline", json });
  });

  test("AS-1: a materialisation is recorded with its success, and never twice", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    const claims = await scenario.claim();
    const materialisations = [{ asset: "warehouse/sales", metadata: { rows: 3 } }, { asset: "warehouse/log" }];
    await scenario.end(claims, { kind: "success", materialisations });
    await scenario.end(claims, { kind: "success", materialisations });
    const kept = (await scenario.events(run)).map(({ body }) => body).filter(({ kind }) => kind === "materialised");
    expect(kept).toEqual([
      { kind: "materialised", taskIndex: 0, asset: "warehouse/sales", metadata: { rows: 3 } },
      { kind: "materialised", taskIndex: 0, asset: "warehouse/log" },
    ]);
  });

  test("RT-7: work that was found done is a success with that reason", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    await scenario.end(await scenario.claim(), { kind: "success", reason: "done_when" });
    expect(await scenario.taskRun(run, "a")).toMatchObject({ state: "success", reason: "done_when" });
  });

  test("an attempt keeps its times, its outcome and what it used", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {} });
    const startedAt = scenario.clock.wall();
    const [a, b] = await scenario.claim();
    if (a === undefined || b === undefined) throw new Error("Nothing claimed");
    scenario.clock.advance(1_500);
    const usage = { cpuMs: 12.5, peakMemoryBytes: 123_456_789.4 };
    const completion = { ...a, session: scenario.session, usage, result: FAILED };
    await scenario.store.completeAndClaim([completion], undefined);
    expect(await scenario.store.attempts(run)).toEqual([
      {
        ...{ taskIndex: 0, mapKey: "", generation: 1, attempt: 1, token: 1, sessionId: "session-1" },
        ...{ startedAt, finishedAt: startedAt + 1_500, outcome: "failed" },
        failure: { reason: "error", message: "It broke." },
        usage: { cpuMs: 12.5, peakMemoryBytes: 123_456_789 },
      },
      { taskIndex: 1, mapKey: "", generation: 1, attempt: 1, token: 1, sessionId: "session-1", startedAt },
    ]);
    expect(await scenario.store.attempts(run, 1)).toHaveLength(1);
  });

  test("what user code throws may be huge and hold any character", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {} });
    const [a, b] = await scenario.claim();
    if (a === undefined || b === undefined) throw new Error("Nothing claimed");
    const message = `nul \u0000, half \ud800, ${"x".repeat(1_000_000)}`;
    await scenario.exchange([
      [a, { kind: "failed", failure: { reason: "error", message, stack: message } }],
      [b, { kind: "skipped", reason: message }],
    ]);
    const failed = await scenario.taskRun(run, "a");
    expect(failed.failure?.message.startsWith("nul \u0000, half")).toBe(true);
    expect(failed.failure?.message.length).toBeLessThan(10_000);
    expect((await scenario.taskRun(run, "b")).reason?.length).toBeLessThan(2_000);
  });
}
