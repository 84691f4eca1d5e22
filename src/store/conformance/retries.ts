import { expect, test } from "vitest";
import { chain } from "./pipelines.ts";
import { CANCELLED, FAILED, LOST, retrying, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

export function testRetries(subject: Subject): void {
  test("ST-3: a retrying task run holds no slot and is queued again when its back-off is over", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    const { nextRetryInMs } = await scenario.end(await scenario.claim(), retrying(30_000));
    expect(nextRetryInMs).toBe(30_000);
    expect(await scenario.taskRun(run, "a")).toMatchObject({
      ...{ state: "retrying", dueAt: scenario.clock.wall() + 30_000, reason: "error", attempt: 1 },
      failure: { message: "It broke." },
    });
    expect(await scenario.store.releaseRetries()).toEqual({ released: 0, nextInMs: 30_000 });
    scenario.clock.advance(29_999);
    expect(await scenario.store.releaseRetries()).toEqual({ released: 0, nextInMs: 1 });
    expect(await scenario.claim()).toEqual([]);
    scenario.clock.advance(1);
    expect(await scenario.store.releaseRetries()).toEqual({ released: 1 });
    const [claim] = await scenario.claim();
    expect(claim).toMatchObject({ attempt: 2, token: 2, generation: 1 });
  });

  test("I05: the attempt number grows by one with each claim, and so does the token", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    for (let attempt = 1; attempt <= 5; attempt++) {
      const claims = await scenario.claim();
      expect(claims).toMatchObject([{ attempt, token: attempt }]);
      await scenario.end(claims, attempt < 5 ? retrying(0) : FAILED);
      await scenario.store.releaseRetries();
    }
    expect(await scenario.store.attempts(run)).toHaveLength(5);
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("the nearest of many back-offs is told, and all that are over are released at once", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ a: {}, b: {}, c: {} });
    const claims = await scenario.claim();
    const result = await scenario.exchange(claims.map((claim, index) => [claim, retrying(1_000 * (3 - index))]));
    expect(result.nextRetryInMs).toBe(1_000);
    scenario.clock.advance(2_000);
    expect(await scenario.store.releaseRetries()).toEqual({ released: 2, nextInMs: 1_000 });
    expect(scenario.names(await scenario.claim())).toEqual(["b", "c"]);
  });

  test("a success after a retry leaves no trace of the failure on the task run", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    await scenario.end(await scenario.claim(), retrying(0));
    await scenario.store.releaseRetries();
    await scenario.runOut();
    const row = await scenario.taskRun(run, "a");
    expect([row.state, row.reason, row.failure]).toEqual(["success", undefined, undefined]);
    const attempts = await scenario.store.attempts(run);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(["failed", "success"]);
  });

  test("ST-5: a lost attempt is replaced at once, up to the limit, outside the retry budget", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { lostLimit: 2 } });
    for (let lost = 0; lost < 3; lost++) {
      const claims = await scenario.claim();
      expect(claims).toMatchObject([{ attempt: lost + 1, lost }]);
      await scenario.end(claims, LOST);
    }
    expect(await scenario.taskRun(run, "a")).toMatchObject({ state: "failed", reason: "lost", lost: 2, attempt: 3 });
    expect(await scenario.edges(run, "a")).toEqual([
      ...["scheduled>queued", "queued>running", "running>retrying", "retrying>queued"],
      ...["queued>running", "running>retrying", "retrying>queued", "queued>running", "running>failed"],
    ]);
    expect((await scenario.store.attempts(run)).map(({ outcome }) => outcome)).toEqual(["lost", "lost", "lost"]);
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("ST-5: with a limit of 0 the first loss is final", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { lostLimit: 0 }, b: { after: ["a"] } });
    await scenario.end(await scenario.claim(), LOST);
    expect(await scenario.states(run)).toEqual({ a: "failed", b: "upstream_failed" });
  });

  test("an attempt that was stopped ends as cancelled and counts as failed behind it", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    await scenario.end(await scenario.claim(), CANCELLED);
    expect(await scenario.states(run)).toEqual({ a: "cancelled", b: "upstream_failed" });
    expect((await scenario.taskRun(run, "b")).upstream).toMatchObject({ failed: 1 });
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("a back-off of less than nothing is over at once", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(chain("a"));
    await scenario.end(await scenario.claim(), retrying(-5));
    expect(await scenario.store.releaseRetries()).toEqual({ released: 1 });
    await scenario.end(await scenario.claim(), SUCCESS);
  });
}
