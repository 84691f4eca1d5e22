import { expect, test } from "vitest";
import type { Claim } from "../store.ts";
import { chain } from "./pipelines.ts";
import { CANCELLED, FAILED, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

export function testMarking(subject: Subject): void {
  test("what is marked while it runs loses its lease, its report is stale, and its dependants go on", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    const claims = await scenario.claim();
    const result = await scenario.store.mark({ run, as: "success", tasks: [{ name: "a" }], actor: "anna" });
    expect(result).toMatchObject({
      kind: "done",
      taskRuns: [
        { task: "a", from: "running", to: "success" },
        { task: "b", from: "scheduled", to: "queued" },
      ],
    });
    expect(await scenario.store.leasesOf(scenario.session)).toEqual([]);
    expect(await scenario.end(claims, FAILED)).toMatchObject({ completions: ["stale"] });
    expect(await scenario.store.attempts(run)).toMatchObject([
      { outcome: "cancelled", failure: { message: "Marked as success by anna while it ran." } },
    ]);
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("ST-7: a failure marked as success resolves its letter, and what it had blocked goes on", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ ...chain("a", "b", "c"), free: {} });
    await scenario.runOut((task) => (task === "a" ? FAILED : SUCCESS));
    const result = await scenario.store.mark({ run, as: "success", tasks: [{ name: "a" }], actor: "anna" });
    expect(result).toMatchObject({
      runs: [{ from: "failed", to: "running" }],
      taskRuns: [
        { task: "a", from: "failed", to: "success" },
        { task: "b", from: "upstream_failed", to: "queued" },
        { task: "c", from: "upstream_failed", to: "scheduled" },
      ],
    });
    expect(await scenario.store.deadLetters({ project: "shop", limit: 10 })).toMatchObject([
      { task: "a", state: "resolved", closedBy: "anna", note: "marked as success" },
    ]);
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("ST-4: what is marked as failed has a letter of its own, takes queued dependants along, and fails the run", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    await scenario.end(await scenario.claim(), { kind: "success", output: { kind: "inline", json: "1" } });
    const result = await scenario.store.mark({ run, as: "failed", tasks: [{ name: "a" }], actor: "anna" });
    expect(result).toMatchObject({
      runs: [{ from: "running", to: "failed" }],
      taskRuns: [
        { task: "a", from: "success", to: "failed" },
        { task: "b", from: "queued", to: "upstream_failed" },
      ],
    });
    expect(await scenario.store.outputs(run, [0])).toEqual(new Map());
    expect(await scenario.store.deadLetters({ project: "shop", limit: 10 })).toMatchObject([
      { task: "a", state: "open", generation: 2 },
    ]);
  });

  test("a run whose one failure is marked as success is a success, and a cancelled one stays so while a part of it is", async () => {
    await using scenario = await Scenario.begin(subject);
    const failed = await scenario.start({ a: {}, b: {} });
    await scenario.runOut((task) => (task === "a" ? FAILED : SUCCESS));
    const done = await scenario.store.mark({ run: failed, as: "success", tasks: [{ name: "a" }], actor: "anna" });
    expect(done).toMatchObject({ runs: [{ from: "failed", to: "success" }] });
    const cancelled = await scenario.start({ a: {}, b: {} });
    await scenario.store.cancelRun(cancelled, "bert");
    const mark = (name: string) =>
      scenario.store.mark({ run: cancelled, as: "success", tasks: [{ name }], actor: "anna" });
    expect(await mark("a")).toMatchObject({ runs: [] });
    expect(await mark("b")).toMatchObject({ runs: [{ from: "cancelled", to: "success" }] });
  });

  test("a whole run is marked with everything open in it, and its attempts end", async () => {
    await using scenario = await Scenario.begin(subject);
    const success = await scenario.start({ ...chain("a", "b"), x: {} });
    await scenario.exchange([[(await scenario.claim(2))[1] ?? fail(), FAILED]]);
    await scenario.store.mark({ run: success, as: "success", actor: "anna" });
    expect(await scenario.states(success)).toEqual({ a: "success", b: "success", x: "success" });
    const failed = await scenario.start({ ...chain("a", "b"), x: { allowFailure: true } });
    await scenario.claim(2);
    expect(await scenario.store.mark({ run: failed, as: "failed", actor: "anna" })).toMatchObject({
      runs: [{ from: "running", to: "failed" }],
    });
    expect(await scenario.states(failed)).toEqual({ a: "failed", b: "cancelled", x: "failed" });
    expect(await scenario.store.leasesOf(scenario.session)).toEqual([]);
    expect(await scenario.store.mark({ run: failed, as: "failed", actor: "anna" })).toMatchObject({ kind: "refused" });
  });

  test("a run that was cancelled before it had begun can be marked too", async () => {
    await using scenario = await Scenario.begin(subject);
    const spec = { maxRuns: 0 };
    for (const as of ["success", "failed"] as const) {
      const run = await scenario.start({ a: {}, b: {} }, { spec });
      await scenario.store.cancelRun(run, "bert");
      await scenario.store.mark({ run, as, actor: "anna" });
      expect(await scenario.runState(run)).toBe(as);
    }
    const part = await scenario.start({ a: {}, b: {} }, { spec });
    await scenario.store.cancelRun(part, "bert");
    await scenario.store.mark({ run: part, as: "success", tasks: [{ name: "a" }], actor: "anna" });
    expect(await scenario.runState(part)).toBe("cancelled");
  });

  test("SU-1: a run that is failed by hand still runs its tear-downs, and fails after them", async () => {
    await using scenario = await Scenario.begin(subject);
    const teardown = { after: ["setup", "work"], when: "all_done", role: "teardown", allowFailure: true } as const;
    const run = await scenario.start({ setup: { role: "setup" }, work: { after: ["setup"] }, drop: teardown });
    await scenario.exchange([[(await scenario.claim())[0] ?? fail(), SUCCESS]], { slots: 1 });
    await scenario.store.mark({ run, as: "failed", actor: "anna" });
    expect(await scenario.states(run)).toEqual({ setup: "success", work: "failed", drop: "queued" });
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("SU-1, RS-7: it fails after them though nothing else in it has failed, within the time for cleaning up", async () => {
    await using scenario = await Scenario.begin(subject);
    const teardown = { after: ["setup", "work"], when: "all_done", role: "teardown", allowFailure: true } as const;
    const tasks = { setup: { role: "setup" }, work: { after: ["setup"] }, drop: teardown } as const;
    const [waits, runs, hangs] = [
      await scenario.start(tasks),
      await scenario.start(tasks),
      await scenario.start(tasks),
    ];
    const drops: Claim[] = [];
    for (let claims = await scenario.claim(); claims.length > 0; claims = await scenario.claim()) {
      const isLeft = (claim: Claim) => scenario.nameOf(claim) === "drop" || claim.runId === hangs;
      await scenario.end(
        claims.filter((claim) => scenario.nameOf(claim) === "setup" || !isLeft(claim)),
        SUCCESS,
      );
      drops.push(...claims.filter((claim) => scenario.nameOf(claim) === "drop"));
    }
    expect(drops.map(({ runId }) => runId)).toEqual([waits, runs]);
    for (const run of [waits, runs, hangs]) {
      const marked = await scenario.store.mark({ run, as: "failed", actor: "anna" });
      expect(marked).toMatchObject({ runs: [{ runId: run, from: "running", to: "cancelling" }] });
    }
    await scenario.exchange([
      [drops[0] ?? fail(), SUCCESS],
      [drops[1] ?? fail(), FAILED],
    ]);
    for (const run of [waits, runs]) {
      expect(await scenario.store.run(run)).toMatchObject({ state: "failed", reason: "marked_failed" });
    }
    // The tear-down of the third never comes to its end.
    scenario.clock.advance(10 * 60_000);
    await scenario.store.fireTimers();
    expect(await scenario.states(hangs)).toEqual({ setup: "success", work: "failed", drop: "cancelled" });
    expect(await scenario.runState(hangs)).toBe("failed");
  });

  test("RS-7: a kill takes the grace time of a cancel away, and one task run is stopped without the others", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {}, c: { after: ["a"] } });
    const [a, b] = await scenario.claim();
    const { store } = scenario;
    expect(await store.stop({ run, how: "cancel", tasks: [{ name: "a" }], actor: "anna" })).toMatchObject({
      taskRuns: [{ task: "a", from: "running", to: "running", stop: "cancel" }],
    });
    const again = await store.stop({ run, how: "cancel", tasks: [{ name: "a" }], actor: "anna" });
    expect(again).toMatchObject({ kind: "refused" });
    await store.stop({ run, how: "kill", tasks: [{ name: "a" }], actor: "bert" });
    expect(await store.leasesOf(scenario.session)).toMatchObject([{ stop: { kind: "kill", actor: "bert" } }, {}]);
    await scenario.exchange([[a ?? fail(), FAILED]]);
    expect(await scenario.states(run)).toEqual({ a: "cancelled", b: "running", c: "upstream_failed" });
    expect(await scenario.taskRun(run, "a")).toMatchObject({ reason: "operator: bert" });
    expect(await store.deadLetters({ project: "shop", limit: 10 })).toEqual([]);
    await store.cancelRun(run, "anna");
    expect(await store.stop({ run, how: "kill", actor: "anna" })).toMatchObject({
      taskRuns: [{ task: "b", stop: "kill" }],
    });
    await scenario.exchange([[b ?? fail(), CANCELLED]]);
    expect(await scenario.runState(run)).toBe("cancelled");
  });

  test("RS-7: a success that was reported before its process was stopped stands", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {} });
    const claims = await scenario.claim();
    await scenario.store.stop({ run, how: "kill", tasks: [{ name: "a" }], actor: "anna" });
    await scenario.end(claims, SUCCESS);
    expect(await scenario.states(run)).toEqual({ a: "success" });
  });
}

function fail(): never {
  throw new Error("Nothing was claimed");
}
