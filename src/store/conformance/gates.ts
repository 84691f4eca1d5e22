import { expect, test } from "vitest";
import type { CompletionResult } from "../store.ts";
import type { PipelineSketch } from "./pipelines.ts";
import { FAILED, Scenario, SKIPPED, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

/** Branches, short circuits, groups and tear-downs: what is decided by more than the counts of upstream outcomes. */
export function testGates(subject: Subject): void {
  const branch: PipelineSketch = {
    choose: { decides: "branch" },
    left: { after: ["choose"], gates: ["choose"] },
    right: { after: ["choose"], gates: ["choose"] },
    // Hangs on the branch and on what the branch may keep.
    both: { after: ["choose", "left"], gates: ["choose"], when: "none_failed" },
    join: { after: ["left", "right"], when: "none_failed_min_one_success" },
    strict: { after: ["left", "right"] },
  };

  test.each([
    ["one", '"left"', { left: "success", right: "skipped", both: "success", join: "success", strict: "skipped" }],
    [
      "several",
      '["left","right"]',
      { left: "success", right: "success", both: "success", join: "success", strict: "success" },
    ],
    ["none", "null", { left: "skipped", right: "skipped", both: "skipped", join: "skipped", strict: "skipped" }],
  ])("SK-1: a branch that returns %s keeps these with all that hangs on them", async (_, json, expected) => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(branch);
    await scenario.runOut((task) => (task === "choose" ? valued(json) : SUCCESS));
    expect(await scenario.states(run)).toEqual({ choose: "success", ...expected });
    expect(await scenario.runState(run)).toBe("success");
    expect((await scenario.taskRun(run, "right")).reason).toBe(
      expected.right === "skipped" ? "branch: choose did not choose it" : undefined,
    );
  });

  test("SK-1: a branch that names a stranger fails, and what hangs on it cannot run", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(branch);
    await scenario.runOut((task) => (task === "choose" ? valued('"lefd"') : SUCCESS));
    expect(await scenario.states(run)).toMatchObject({
      choose: "failed",
      left: "upstream_failed",
      join: "upstream_failed",
    });
    const { failure } = await scenario.taskRun(run, "choose");
    expect(failure).toMatchObject({ reason: "invalid_output", hint: 'Did you mean "left"?' });
  });

  test("SK-1: the other upstream of a dependant does not decide before the branch has chosen", async () => {
    await using scenario = await Scenario.begin(subject);
    const tasks: PipelineSketch = {
      choose: { decides: "branch" },
      other: {},
      kept: { after: ["choose"], gates: ["choose"] },
      left: { after: ["choose", "other"], gates: ["choose"], when: "one_success" },
    };
    const outcomes: Record<string, CompletionResult> = { choose: valued('"kept"'), other: SUCCESS };
    for (const order of [
      ["choose", "other"],
      ["other", "choose"],
    ]) {
      const run = await scenario.start(tasks);
      const claims = await scenario.claim();
      for (const name of order) {
        await scenario.end(
          claims.filter((claim) => scenario.nameOf(claim) === name),
          outcomes[name] ?? SUCCESS,
        );
      }
      expect((await scenario.states(run)).left).toBe("skipped");
      await scenario.runOut();
    }
  });

  test("SK-2: what a branch has skipped is skipped again when it is cleared, while the decision stands", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ ...branch, bad: { after: ["right"], when: "all_done" } });
    await scenario.runOut((task) => (task === "choose" ? valued('"left"') : task === "bad" ? FAILED : SUCCESS));
    await scenario.store.rerun(run, "failed", "anna");
    await scenario.runOut();
    expect(await scenario.states(run)).toMatchObject({ choose: "success", right: "skipped", bad: "success" });
    await scenario.store.rerun(run, "all", "anna");
    await scenario.runOut((task) => (task === "choose" ? valued('"right"') : SUCCESS));
    expect(await scenario.states(run)).toMatchObject({ left: "skipped", right: "success" });
  });

  test.each([
    ["false", { near: "skipped", far: "skipped", always: "skipped", clean: "success" }],
    ["true", { near: "success", far: "success", always: "success", clean: "success" }],
  ])(
    "SK-3: a short circuit that is %s decides for all that comes after it, tear-downs excepted",
    async (json, expected) => {
      await using scenario = await Scenario.begin(subject);
      const gates = ["go_on"];
      const run = await scenario.start({
        go_on: { decides: "short_circuit" },
        near: { after: ["go_on"], gates },
        far: { after: ["near"], gates, when: "all_done" },
        always: { after: ["far"], gates, when: "always" },
        clean: { after: ["near"], when: "all_done", role: "teardown" },
      });
      expect((await scenario.states(run)).always).toBe("scheduled");
      await scenario.runOut((task) => (task === "go_on" ? valued(json) : SUCCESS));
      expect(await scenario.states(run)).toEqual({ go_on: "success", ...expected });
    },
  );

  const group = (more: PipelineSketch = {}): PipelineSketch => ({
    before: {},
    "load/start": { startOf: "load", after: ["before"], when: "all_success" },
    "load.a": { in: "load", gates: ["load/start"] },
    "load.b": { in: "load", gates: ["load/start"], after: ["load.a"], when: "all_done" },
    after: { after: ["load.b"] },
    ...more,
  });

  test.each([
    ["success", SUCCESS, { "load/start": "success", "load.a": "success", "load.b": "success", after: "success" }],
    ["skipped", SKIPPED, { "load/start": "skipped", "load.a": "skipped", "load.b": "skipped", after: "skipped" }],
    [
      "failed",
      FAILED,
      {
        "load/start": "upstream_failed",
        "load.a": "upstream_failed",
        "load.b": "upstream_failed",
        after: "upstream_failed",
      },
    ],
  ])(
    "GR-1: the rule of a group decides for all its members, whatever rules they have: %s",
    async (_, result, expected) => {
      await using scenario = await Scenario.begin(subject);
      const run = await scenario.start(group());
      await scenario.runOut((task) => (task === "before" ? result : SUCCESS));
      expect(await scenario.states(run)).toMatchObject(expected);
      expect(await scenario.runState(run)).toBe(result === FAILED ? "failed" : "success");
    },
  );

  const retried: PipelineSketch = {
    "load/start": { startOf: "load" },
    "load.a": { in: "load", gates: ["load/start"] },
    "load.b": { in: "load", gates: ["load/start"], after: ["load.a"] },
    "load.c": { in: "load", gates: ["load/start"] },
    "load/end": {
      endOf: "load",
      after: ["load.a", "load.b", "load.c"],
      when: "all_done",
      groupRetries: { limit: 1, delay: { kind: "fixed", ms: 30_000 }, jitter: 0 },
    },
    after: { after: ["load/end"], when: "one_failed" },
    fine: { after: ["load/end"] },
  };

  test("GR-1: a member's failure ends the rest of its group, and all of it is tried again after the delay", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(retried);
    const claims = await scenario.claim();
    expect(scenario.names(claims)).toEqual(["load.a", "load.c"]);
    await scenario.end(claims.slice(0, 1), SUCCESS);
    const [b] = await scenario.claim();
    if (b === undefined) throw new Error("load.b is not ready");
    await scenario.end([b], FAILED);
    // Until the last of the group has ended nothing begins anew, and nobody outside has seen anything.
    expect(await scenario.states(run)).toMatchObject({
      "load.b": "failed",
      "load.c": "running",
      "load/end": "scheduled",
      after: "scheduled",
    });
    expect(await scenario.store.leasesOf(scenario.session)).toMatchObject([{ stop: { kind: "cancel" } }]);
    await scenario.end(claims.slice(1), FAILED);
    expect(await scenario.states(run)).toMatchObject({
      ...{ "load/start": "retrying", "load.a": "scheduled", "load.b": "scheduled", "load.c": "scheduled" },
      ...{ "load/end": "scheduled", after: "scheduled" },
    });
    expect(await scenario.taskRun(run, "load.a")).toMatchObject({ generation: 2, attempt: 0 });
    scenario.clock.advance(29_999);
    expect(await scenario.store.releaseRetries()).toMatchObject({ released: 0, nextInMs: 1 });
    scenario.clock.advance(1);
    expect(await scenario.store.releaseRetries()).toMatchObject({ released: 1 });
    await scenario.runOut();
    expect(await scenario.states(run)).toMatchObject({ "load/end": "success", fine: "success", after: "skipped" });
    expect(await scenario.runState(run)).toBe("success");
    expect((await scenario.events(run)).filter(({ body }) => body.kind === "dead_letter")).toEqual([]);
  });

  test("GR-1: a value given by what ends last is gone with its attempt of the group, tear-downs included", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({
      ...{ "load/start": { startOf: "load" }, "load.a": { in: "load", gates: ["load/start"] } },
      "load.drop": { in: "load", gates: ["load/start"], after: ["load.a"], when: "all_done", role: "teardown" },
      "load/cleanup": { cleanupOf: "load", after: ["load.drop"], when: "all_done", role: "teardown" },
      "load/end": {
        ...{ endOf: "load", after: ["load.a"], gates: ["load/start", "load/cleanup"], when: "all_done" },
        groupRetries: { limit: 1, delay: { kind: "fixed", ms: 0 }, jitter: 0 },
      },
    });
    const [a] = await scenario.claim();
    await scenario.end(a === undefined ? [] : [a], FAILED);
    await scenario.end(await scenario.claim(), valued("1"));
    expect(await scenario.states(run)).toMatchObject({
      ...{ "load.a": "scheduled", "load.drop": "scheduled", "load/cleanup": "scheduled", "load/start": "retrying" },
    });
    expect(await scenario.store.outputs(run, [2])).toEqual(new Map());
    await scenario.store.releaseRetries();
    await scenario.end(await scenario.claim(), SUCCESS);
    await scenario.end(await scenario.claim(), valued("2"));
    expect(await scenario.store.outputs(run, [2])).toEqual(new Map([[2, { kind: "inline", json: "2" }]]));
    expect(await scenario.runState(run)).toBe("success");
  });

  test("GR-1, SU-1: a group whose tear-downs are still to come cannot be ended by the junction that waits for them", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({
      ...{ "load/start": { startOf: "load" }, "load.a": { in: "load", gates: ["load/start"] } },
      "load.drop": { in: "load", gates: ["load/start"], after: ["load.a"], when: "all_done", role: "teardown" },
      "load/cleanup": { cleanupOf: "load", after: ["load.drop"], when: "all_done", role: "teardown" },
      "load/end": { endOf: "load", after: ["load.a"], gates: ["load/start", "load/cleanup"], when: "all_done" },
    });
    const stop = { run, how: "cancel", actor: "anna" } as const;
    expect(await scenario.store.stop({ ...stop, tasks: [{ name: "load/cleanup" }] })).toMatchObject({
      kind: "refused",
    });
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("GR-1: when the attempts of a group are used up its failure is final, and is seen outside", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(retried);
    const failing = (task: string) => (task === "load.a" ? FAILED : SUCCESS);
    await scenario.runOut(failing);
    scenario.clock.advance(30_000);
    await scenario.store.releaseRetries();
    await scenario.runOut(failing);
    expect(await scenario.states(run)).toMatchObject({
      ...{ "load.a": "failed", "load.b": "upstream_failed", "load.c": "success" },
      ...{ "load/end": "upstream_failed", after: "success", fine: "upstream_failed" },
    });
    expect(await scenario.runState(run)).toBe("failed");
    const letters = (await scenario.events(run)).filter(({ body }) => body.kind === "dead_letter");
    expect(letters).toMatchObject([{ body: { taskIndex: 1, generation: 2, state: "open" } }]);
  });

  test("GR-1: a re-run brings a group a fresh budget of attempts", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ ...retried, late: { after: ["after"] } });
    const failing = (task: string) => (task === "load.a" ? FAILED : SUCCESS);
    for (let attempt = 0; attempt < 2; attempt++) {
      await scenario.runOut(failing);
      scenario.clock.advance(30_000);
      await scenario.store.releaseRetries();
    }
    await scenario.store.rerun(run, "all", "anna");
    await scenario.runOut(failing);
    expect(await scenario.states(run)).toMatchObject({ "load/start": "retrying", after: "scheduled" });
    await scenario.store.cancelRun(run, "anna");
    expect(await scenario.runState(run)).toBe("cancelled");
  });

  const cleaned: PipelineSketch = {
    make: { role: "setup" },
    work: { after: ["make"], gates: ["make"] },
    more: { after: ["work"], gates: ["make"], when: "all_done" },
    "clean/setups": { ...{ after: ["make"], when: "one_success" }, ...junction("teardown") },
    "clean/work": { ...{ after: ["make", "work", "more"], when: "all_done" }, ...junction("teardown") },
    clean: { after: ["clean/setups", "clean/work"], role: "teardown", allowFailure: true },
  };

  test("SU-1: a tear-down runs when all work is finished, however it ended; its own failure does not count", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(cleaned);
    await scenario.runOut((task) => (task === "work" ? FAILED : SUCCESS));
    expect(await scenario.states(run)).toMatchObject({ work: "failed", more: "success", clean: "success" });
    const second = await scenario.start(cleaned);
    await scenario.runOut((task) => (task === "clean" ? FAILED : SUCCESS));
    expect(await scenario.states(second)).toMatchObject({ clean: "failed" });
    expect(await scenario.runState(second)).toBe("success");
  });

  test("SU-1, SU-2: without a set-up that succeeded neither work nor tear-down runs", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(cleaned);
    await scenario.runOut((task) => (task === "make" ? FAILED : SUCCESS));
    expect(await scenario.states(run)).toMatchObject({
      work: "upstream_failed",
      more: "upstream_failed",
      clean: "upstream_failed",
    });
  });

  test("SU-1, RS-7: the tear-down of what had started runs in a cancelled run too, with its retries", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(cleaned);
    await scenario.end(await scenario.claim(), SUCCESS);
    const working = await scenario.claim();
    await scenario.store.cancelRun(run, "anna");
    expect(await scenario.states(run)).toMatchObject({ work: "running", more: "cancelled", clean: "scheduled" });
    await scenario.end(working, FAILED);
    expect(await scenario.states(run)).toMatchObject({ work: "cancelled", clean: "queued" });
    expect(await scenario.runState(run)).toBe("cancelling");
    const [clean] = await scenario.claim();
    if (clean === undefined) throw new Error("The tear-down is not ready");
    await scenario.end([clean], { kind: "retrying", failure: { reason: "error", message: "Busy." }, delayMs: 0 });
    await scenario.store.releaseRetries();
    await scenario.runOut();
    expect(await scenario.states(run)).toMatchObject({ clean: "success" });
    expect(await scenario.runState(run)).toBe("cancelled");
  });

  test("I38, RS-7: cancelling a run in which its tear-down alone is left is audited, and lets it end", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(cleaned);
    for (let step = 0; step < 3; step++) await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.states(run)).toMatchObject({ more: "success", clean: "queued" });
    expect(await scenario.store.cancelRun(run, "anna")).toMatchObject({ kind: "done", run: { state: "cancelling" } });
    expect(await scenario.opened.rows("select actor, action from audit")).toEqual([
      { actor: "anna", action: "cancel_run" },
    ]);
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("cancelled");
  });

  test("SU-1: a run that is cancelled between set-up and work cleans up, one that had not begun does not", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(cleaned);
    await scenario.end(await scenario.claim(), SUCCESS);
    await scenario.store.cancelRun(run, "anna");
    expect(await scenario.states(run)).toMatchObject({ work: "cancelled", clean: "queued" });
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("cancelled");
    const second = await scenario.start(cleaned);
    await scenario.store.cancelRun(second, "anna");
    expect(await scenario.states(second)).toMatchObject({ make: "cancelled", clean: "upstream_failed" });
    expect(await scenario.runState(second)).toBe("cancelled");
  });
}

function junction(role?: "teardown") {
  return { execution: { via: "none", as: "gate" }, ...(role === undefined ? {} : { role }) } as const;
}

function valued(json: string): CompletionResult {
  return { kind: "success", output: { kind: "inline", json } };
}
