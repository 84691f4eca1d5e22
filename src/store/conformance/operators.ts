import { expect, test } from "vitest";
import { chain, join } from "./pipelines.ts";
import { CANCELLED, FAILED, LOST, retrying, Scenario, SKIPPED, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

export function testOperators(subject: Subject): void {
  test("RS-7: cancel ends what has not started at once and waits for what runs", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {}, waits: {}, c: { after: ["a"] }, d: { after: ["c"] } });
    const claims = await scenario.claim(3);
    await scenario.end(claims.slice(2), retrying(60_000));
    const result = await scenario.store.cancelRun(run, "anna");
    expect(result).toMatchObject({ kind: "done", taskRuns: 3, run: { state: "cancelling", unfinished: 2 } });
    expect(await scenario.states(run)).toEqual({
      ...{ a: "running", b: "running", waits: "cancelled", c: "cancelled", d: "cancelled" },
    });
    const stop = { kind: "cancel", message: "Cancelled by anna.", actor: "anna" };
    const asked = claims.slice(0, 2).map(({ taskRunKey, token }) => ({ taskRunKey, token, stop }));
    expect(await scenario.store.leasesOf(scenario.session)).toEqual(asked);
    scenario.clock.advance(60_000);
    expect(await scenario.store.releaseRetries()).toEqual({ released: 0 });
    await scenario.end(claims.slice(0, 1), SUCCESS);
    const { finishedRuns } = await scenario.end(claims.slice(1, 2), CANCELLED);
    expect(finishedRuns).toEqual([{ runId: run, state: "cancelled" }]);
    expect(await scenario.store.leasesOf(scenario.session)).toEqual([]);
    expect(await scenario.store.run(run)).toMatchObject({ state: "cancelled", reason: "operator: anna" });
    expect(await scenario.taskRun(run, "b")).toMatchObject({ reason: "operator: anna" });
  });

  test("a run of which nothing runs is cancelled at once", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    expect(await scenario.store.cancelRun(run, "anna")).toMatchObject({ taskRuns: 2, run: { state: "cancelled" } });
    expect(await scenario.claim()).toEqual([]);
    const bodies = (await scenario.events(run)).slice(-3).map(({ body }) => body);
    expect(bodies).toMatchObject([
      { kind: "task_state", from: "queued", to: "cancelled", reason: "operator: anna", actor: "anna" },
      { kind: "task_state", from: "scheduled", to: "cancelled", actor: "anna" },
      { kind: "run_state", from: "running", to: "cancelled", actor: "anna" },
    ]);
  });

  test.each([
    ["a retry", retrying(0)],
    ["a lost attempt", LOST],
  ])("B26: in a run that is being cancelled %s ends as cancelled", async (_, result) => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    const claims = await scenario.claim();
    await scenario.store.cancelRun(run, "anna");
    expect((await scenario.end(claims, result)).completions).toEqual(["accepted"]);
    expect(await scenario.states(run)).toEqual({ a: "cancelled", b: "cancelled" });
    expect(await scenario.runState(run)).toBe("cancelled");
  });

  test("cancelling twice changes nothing more; cancelling what has ended is refused", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    const claims = await scenario.claim();
    await scenario.store.cancelRun(run, "anna");
    const events = await scenario.events(run);
    expect(await scenario.store.cancelRun(run, "bert")).toMatchObject({ kind: "done", taskRuns: 0 });
    expect(await scenario.events(run)).toEqual(events);
    await scenario.end(claims, CANCELLED);
    expect(await scenario.store.cancelRun(run, "anna")).toMatchObject({ kind: "refused" });
    expect(await scenario.store.cancelRun("unknown", "anna")).toEqual({ kind: "not_found" });
  });

  test("RT-6: a re-run from failure runs what failed and what hangs on it, and reuses the rest", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({
      ...{ good: {}, bad: {}, skips: {} },
      ...{ blocked: { after: ["bad", "good"] }, behind: { after: ["blocked"] }, fine: { after: ["good"] } },
      done: { after: ["bad", "skips"], when: "all_done" },
    });
    await scenario.runOut((task) => {
      if (task === "good") return { kind: "success", output: { kind: "inline", json: "7" } };
      if (task === "done") return { kind: "success", output: { kind: "inline", json: "8" } };
      return task === "bad" ? FAILED : task === "skips" ? SKIPPED : SUCCESS;
    });
    const before = await scenario.taskRun(run, "bad");
    scenario.clock.advance(1_000);
    const result = await scenario.store.rerun(run, "failed", "anna");
    expect(result).toMatchObject({ kind: "done", taskRuns: 4, run: { state: "running", unfinished: 4, failing: 0 } });
    expect(await scenario.states(run)).toEqual({
      ...{ good: "success", bad: "queued", skips: "skipped", blocked: "scheduled", behind: "scheduled" },
      ...{ fine: "success", done: "scheduled" },
    });
    expect(await scenario.taskRun(run, "bad")).toMatchObject({
      ...{ generation: before.generation + 1, attempt: 0, lost: 0, token: before.token },
    });
    expect([...(await scenario.store.outputs(run, [0, 6])).keys()]).toEqual([0]);
    const claims = await scenario.claim();
    expect(claims).toMatchObject([{ generation: 2, attempt: 1, token: before.token + 1 }]);
    await scenario.end(claims, SUCCESS);
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("RT-6: a re-run of a run in which nothing failed is refused", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    await scenario.runOut();
    expect(await scenario.store.rerun(run, "failed", "anna")).toMatchObject({ kind: "refused" });
    expect(await scenario.store.rerun("unknown", "failed", "anna")).toEqual({ kind: "not_found" });
  });

  test("a re-run of an unfinished run is refused with a sentence that says what to do", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    const refused = await scenario.store.rerun(run, "all", "anna");
    expect(refused.kind === "refused" && refused.message).toMatch(/wait.*cancel/i);
  });

  test("ST-1: a re-run of all clears every task run into a new generation", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(join(2, "all_success"));
    await scenario.runOut(() => ({ kind: "success", output: { kind: "inline", json: "1" } }));
    expect(await scenario.store.rerun(run, "all", "anna")).toMatchObject({ taskRuns: 3, run: { state: "running" } });
    expect((await scenario.store.outputs(run, [0, 1, 2])).size).toBe(0);
    await scenario.runOut();
    expect((await scenario.taskRun(run, "join")).generation).toBe(2);
    const attempts = await scenario.store.attempts(run, 2);
    expect(attempts.map(({ generation, attempt, token }) => [generation, attempt, token])).toEqual([
      [1, 1, 1],
      [2, 1, 2],
    ]);
  });

  test("RT-6: a cancelled run can be run again from where it was cancelled", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b", "c"));
    await scenario.end(await scenario.claim(), SUCCESS);
    await scenario.store.cancelRun(run, "anna");
    await scenario.store.rerun(run, "failed", "anna");
    expect(await scenario.states(run)).toEqual({ a: "success", b: "queued", c: "scheduled" });
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("ST-7: replaying closes the dead letter; a second failure opens another", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    await scenario.runOut(() => FAILED);
    await scenario.store.rerun(run, "failed", "anna");
    await scenario.runOut(() => FAILED);
    const letters = (await scenario.events(run)).flatMap(({ body }) =>
      body.kind === "dead_letter" ? [[body.generation, body.state]] : [],
    );
    expect(letters).toEqual([
      [1, "open"],
      [1, "replayed"],
      [2, "open"],
    ]);
  });

  test("I07, I38: what an operator does is in the events and in the audit, with who did it", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    await scenario.store.cancelRun(run, "anna");
    await scenario.store.rerun(run, "all", "bert");
    await scenario.store.rerun(run, "all", "refused, so not audited");
    const audit = await scenario.opened.rows("select project, actor, action, details from audit order by key");
    expect(audit.map(({ details, ...row }) => ({ ...row, ...JSON.parse(String(details)) }))).toEqual([
      { project: "shop", actor: "anna", action: "cancel_run", stopped: 1 },
      { project: "shop", actor: "bert", action: "retry", cleared: 1 },
    ]);
    const actors = (await scenario.events(run)).flatMap(({ body }) =>
      body.kind === "run_state" && body.actor !== undefined ? [[body.to, body.actor]] : [],
    );
    expect(actors).toEqual([
      ["queued", "tester"],
      ["cancelled", "anna"],
      ["running", "bert"],
    ]);
  });

  test("ST-5, RT-1: a re-run brings a fresh budget of replacements", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { lostLimit: 1 } });
    await scenario.runOut(() => LOST);
    expect(await scenario.runState(run)).toBe("failed");
    await scenario.store.rerun(run, "failed", "anna");
    await scenario.end(await scenario.claim(), LOST);
    expect(await scenario.taskRun(run, "a")).toMatchObject({ state: "queued", lost: 1, generation: 2 });
  });
}
