import { describe, expect, test } from "vitest";
import type { TriggerRule } from "../../core/trigger-rule.ts";
import type { CompletionResult } from "../store.ts";
import { chain, join } from "./pipelines.ts";
import { CANCELLED, FAILED, Scenario, SKIPPED, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

type Outcome = "success" | "failed" | "skipped" | "cancelled" | "upstream_failed";

/** What two upstream task runs end as, and what becomes of the task behind them: queued means it runs. */
const RULES: readonly (readonly [string, TriggerRule, readonly [Outcome, Outcome], string])[] = [
  ["TR-1", "all_success", ["success", "success"], "queued"],
  ["TR-1", "all_success", ["success", "failed"], "upstream_failed"],
  ["TR-1", "all_success", ["success", "skipped"], "skipped"],
  ["TR-2", "all_failed", ["failed", "upstream_failed"], "queued"],
  ["TR-2", "all_failed", ["failed", "success"], "skipped"],
  ["TR-3", "all_done", ["failed", "skipped"], "queued"],
  ["TR-4", "all_done_min_one_success", ["failed", "success"], "queued"],
  ["TR-4", "all_done_min_one_success", ["failed", "skipped"], "upstream_failed"],
  ["TR-4", "all_done_min_one_success", ["skipped", "skipped"], "skipped"],
  ["TR-5", "all_skipped", ["skipped", "skipped"], "queued"],
  ["TR-5", "all_skipped", ["skipped", "failed"], "skipped"],
  ["TR-6", "one_success", ["failed", "success"], "queued"],
  ["TR-6", "one_success", ["failed", "skipped"], "upstream_failed"],
  ["TR-7", "one_failed", ["failed", "success"], "queued"],
  ["TR-7", "one_failed", ["success", "skipped"], "skipped"],
  ["TR-8", "one_done", ["skipped", "failed"], "queued"],
  ["TR-8", "one_done", ["skipped", "upstream_failed"], "skipped"],
  ["TR-9", "none_failed", ["skipped", "skipped"], "queued"],
  ["TR-9", "none_failed", ["skipped", "failed"], "upstream_failed"],
  ["TR-10", "none_failed_min_one_success", ["skipped", "success"], "queued"],
  ["TR-10", "none_failed_min_one_success", ["skipped", "skipped"], "skipped"],
  ["TR-11", "none_skipped", ["failed", "success"], "queued"],
  ["TR-11", "none_skipped", ["failed", "skipped"], "skipped"],
  ["TR-13", "all_success", ["success", "cancelled"], "upstream_failed"],
];

const RESULTS: Readonly<Record<Exclude<Outcome, "upstream_failed">, CompletionResult>> = {
  success: SUCCESS,
  failed: FAILED,
  skipped: SKIPPED,
  cancelled: CANCELLED,
};

export function testOutcomes(subject: Subject): void {
  describe.each([false, true])("in one batch: %s", (inOneBatch) => {
    test.each(RULES)("%s: %s after %j is %s", async (_, when, ends, expected) => {
      await using scenario = await Scenario.begin(subject);
      const blocked = ends.includes("upstream_failed") ? ["root"] : [];
      const run = await scenario.start({
        ...(blocked.length === 0 ? {} : { root: {} }),
        ...{ up0: {}, up1: { after: blocked }, join: { after: ["up0", "up1"], when } },
      });
      const results = (await scenario.claim()).map((claim) => {
        const name = scenario.nameOf(claim);
        const end = name === "root" ? "failed" : ends[name === "up0" ? 0 : 1];
        return [claim, RESULTS[end === "upstream_failed" || end === undefined ? "failed" : end]] as const;
      });
      if (inOneBatch) await scenario.exchange(results);
      else for (const result of results.toReversed()) await scenario.exchange([result]);
      expect((await scenario.states(run)).join).toBe(expected);
    });
  });

  test("TR-12: a task with rule always starts at once", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(join(1, "always"));
    expect(await scenario.states(run)).toEqual({ up0: "queued", join: "queued" });
    await scenario.runOut();
  });

  test.each(["one_success", "one_failed", "one_done"] as const)("%s does not wait for the rest", async (when) => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(join(3, when));
    const [first, second, third] = await scenario.claim();
    if (first === undefined || second === undefined || third === undefined) throw new Error("Nothing claimed");
    await scenario.end([first], when === "one_failed" ? FAILED : SUCCESS);
    expect((await scenario.states(run)).join).toBe("queued");
    // What ends later is counted, though the task has been decided, and even while it runs.
    await scenario.end([second], SUCCESS);
    const claims = await scenario.claim();
    await scenario.end([third], FAILED);
    await scenario.end(claims, SUCCESS);
    expect((await scenario.taskRun(run, "join")).upstream.total).toBe(3);
  });

  test("TR-14, ST-4: a failure blocks what hangs on it hop by hop, in the transaction that ended it", async () => {
    await using scenario = await Scenario.begin(subject);
    const names = Array.from({ length: 200 }, (_, index) => `t${index}`);
    const run = await scenario.start({ ...chain(...names), after_all: { after: ["t199"], when: "all_done" } });
    const claims = await scenario.claim();
    const { finishedRuns } = await scenario.end(claims, FAILED);
    expect(finishedRuns).toEqual([]);
    const states = await scenario.states(run);
    expect(states.t199).toBe("upstream_failed");
    expect(states.after_all).toBe("queued");
    expect((await scenario.taskRun(run, "t1")).reason).toContain("all_success");
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("ST-4: a final failure opens one dead letter and one alert, with it", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    const claims = await scenario.claim();
    const result = await scenario.end(claims, FAILED);
    expect(result.finishedRuns).toEqual([{ runId: run, state: "failed" }]);
    await scenario.end(claims, FAILED);
    const kinds = (await scenario.events(run)).slice(-5).map(({ body }) => body);
    expect(kinds).toEqual([
      expect.objectContaining({ from: "running", to: "failed", reason: "error", message: "It broke." }),
      { kind: "dead_letter", taskIndex: 0, mapKey: "", generation: 1, state: "open" },
      { kind: "alert_due", taskIndex: 0, generation: 1 },
      expect.objectContaining({ taskIndex: 1, from: "scheduled", to: "upstream_failed" }),
      { kind: "run_state", from: "running", to: "failed" },
    ]);
    expect(await scenario.taskRun(run, "a")).toMatchObject({ state: "failed", failure: { message: "It broke." } });
  });

  test("RS-1: a failure that is allowed does not fail the run and opens no dead letter", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { allowFailure: true }, b: { after: ["a"], when: "all_done" } });
    await scenario.runOut((task) => (task === "a" ? FAILED : SUCCESS));
    expect(await scenario.runState(run)).toBe("success");
    const kinds = (await scenario.events(run)).map(({ body }) => body.kind);
    expect(kinds).not.toContain("dead_letter");
    expect(kinds).not.toContain("alert_due");
  });

  test("RS-1: a clean-up that succeeds at the end does not hide a failure", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, clean: { after: ["a"], when: "one_failed" } });
    await scenario.runOut((task) => (task === "a" ? FAILED : SUCCESS));
    expect(await scenario.states(run)).toEqual({ a: "failed", clean: "success" });
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("RS-1: upstream_failed by itself does not fail a run", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { allowFailure: true }, b: { after: ["a"] } });
    await scenario.runOut(() => FAILED);
    expect(await scenario.states(run)).toEqual({ a: "failed", b: "upstream_failed" });
    expect(await scenario.runState(run)).toBe("success");
  });

  test("I10: a join of 1,000 becomes ready with its last upstream, whatever the batches", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(join(1_000, "all_success"));
    for (let left = 1_000; left > 0; left -= 50) {
      expect((await scenario.states(run)).join).toBe("scheduled");
      await scenario.end(await scenario.claim(50), SUCCESS);
    }
    expect((await scenario.taskRun(run, "join")).upstream.success).toBe(1_000);
    expect((await scenario.states(run)).join).toBe("queued");
  });
}
