import { describe, expect, test } from "vitest";
import type { SensorSpec } from "./manifest.ts";
import { NO_RETRIES } from "./retry-policy.ts";
import type { WatchFacts } from "./sensors/sensor-text.ts";
import { isFinished, TASK_RUN_STATES, type TaskRunState } from "./state.ts";
import { TRIGGER_RULES, type TriggerRule } from "./trigger-rule.ts";
import { explainTaskRun, type TaskRunFacts, type TaskRunQuestion } from "./waiting-reason.ts";

const NOW = 1_000_000;
const ERROR = { reason: "error", message: "no route to host", hint: "Check the VPN." } as const;

test("a scheduled task run names the upstream it waits for, and their states", () => {
  const upstream = new Map<number, TaskRunState>([
    [0, "success"],
    [1, "running"],
    [2, "scheduled"],
  ]);
  expect(explain({ state: "scheduled" }, { upstream })).toEqual([
    { code: "waits_for_upstream", sentence: "waits for upstream: join_sources (running), b (scheduled)" },
  ]);
  expect(sentence({ state: "scheduled" }, { upstream, rule: "none_failed" })).toContain("by its rule none_failed");
});

test("a task that a branch, a short circuit, a group or a set-up holds back says which", () => {
  expect(explain({ state: "skipped", reason: "branch: choose did not choose it" })).toEqual([
    { code: "skipped_by_gate", sentence: "was skipped: branch choose did not choose it" },
  ]);
  expect(sentence({ state: "skipped", reason: "short_circuit: open stopped what comes after it" })).toBe(
    "was skipped: short circuit open stopped what comes after it",
  );
  expect(sentence({ state: "upstream_failed", reason: "group: load could not start" })).toBe(
    "could not run: group load could not start",
  );
  expect(sentence({ state: "upstream_failed", reason: "setup: cluster did not succeed" })).toBe(
    "could not run: set-up cluster did not succeed",
  );
  expect(sentence({ state: "skipped", reason: "input: load.rows was skipped" })).toBe(
    "was skipped: its input load.rows was skipped",
  );
  expect(sentence({ state: "skipped", reason: "empty_map" })).toBe("was skipped: the list it is mapped over is empty");
  const waitsFor = new Map([[1, "running"]] as const);
  expect(sentence({ state: "scheduled" }, { waitsFor })).toBe("waits for upstream: join_sources (running)");
});

test("WT-1: a sensor that waits says for what, what it saw last, when it looks again, and until when", () => {
  const sensor: SensorSpec = {
    kind: "file",
    by: "host",
    config: { path: "in/{{ ds }}.csv" },
    pollEvery: { firstMs: 1, factor: 1, maxMs: 1 },
    timeoutMs: 1,
    onTimeout: "fail",
    pollTimeoutMs: 1,
    errorsMax: 10,
  };
  const about = (watch: Partial<WatchFacts>, state: Partial<TaskRunFacts> = {}) => {
    const facts = { polls: 0, errors: 0, nextPollAt: NOW, ...watch };
    const taskRun = { taskIndex: 0, attempt: 0, lost: 0, state: "deferred", reason: "sensor", ...state } as const;
    const tasks = [
      { name: "wait", when: "all_success", retries: NO_RETRIES, lostLimit: 3, execution: { via: "sensor", sensor } },
    ] as const;
    const rest = { upstream: new Map(), runState: "running", engine: { isRunning: true }, now: NOW } as const;
    return explainTaskRun({ taskRun, tasks, watch: facts, ...rest })[0];
  };
  expect(about({})).toEqual({ code: "waits_for_sensor", sentence: "waits for files in/{{ ds }}.csv; not looked yet" });
  expect(about({ nextPollAt: NOW + 15_000, deadline: NOW + 60_000 })?.sentence).toBe(
    "waits for files in/{{ ds }}.csv; is looking for the first time, until 1970-01-01T00:17:40Z",
  );
  const failure = { reason: "error", message: "no route to host" } as const;
  const seen = { polls: 4, errors: 2, nextPollAt: NOW + 5_000, deadline: NOW + 60_000, seen: "nothing there", failure };
  expect(about(seen)?.sentence).toBe(
    "waits for files in/{{ ds }}.csv: nothing there; looked 4 times, again in 5.0 s, until 1970-01-01T00:17:40Z, the last 2 looks went wrong: no route to host",
  );
  expect(about({}, { state: "skipped", reason: "sensor_timeout" })).toEqual({
    ...{ code: "skipped_by_timeout", sentence: "was skipped: what it waits for had not come in time" },
  });
  expect(about({}, { state: "failed", reason: "error", failure })?.sentence).toBe(
    "failed with error: no route to host",
  );
});

test("many upstream tasks are not all named", () => {
  const upstream = new Map<number, TaskRunState>(Array.from({ length: 14 }, (_, index) => [index, "queued"]));
  expect(sentence({ state: "scheduled" }, { upstream })).toMatch(/task 9 \(queued\) and 4 more$/);
});

test("a queued task run says which limit it has met", () => {
  const slots = { used: 4, total: 4 };
  const since = Date.UTC(2026, 0, 2, 3, 4, 5);
  const hold = { kind: "slots", scope: "pool:warehouse", slots: 4, used: 4, weight: 1 } as const;
  const holders = [{ scope: "pool:warehouse", who: "daily/load of run 0198", since }];
  const lane = { waiting: 3, holds: [], holders };
  const full = { isRunning: true, slots };
  expect(sentence({ state: "queued" }, { engine: full })).toBe("ready, but all 4 slots are in use");
  expect(sentence({ state: "queued" }, { engine: full, lane: { ...lane, holds: [hold] } })).toBe(
    "ready, but pool warehouse: 4 of 4 slots held by daily/load of run 0198 since 2026-01-02T03:04:05Z",
  );
  expect(sentence({ state: "queued" }, { lane })).toBe("ready: waits for the next claim, beside 2 others");
  const leaves = { kind: "background", scope: "pool:warehouse" } as const;
  expect(sentence({ state: "queued" }, { lane: { ...lane, holds: [leaves] } })).toBe(
    "ready, but a backfill leaves the slots of pool warehouse that are free to live runs",
  );
  expect(sentence({ state: "queued" }, { lane, engine: { isRunning: true, backfill: 7 } })).toBe(
    "ready: waits for the next claim, beside 2 others; live runs go before a backfill, which leaves half of the other slots free to them",
  );
});

test("a retrying task run says when it is due and what went wrong", () => {
  const retrying = { state: "retrying", attempt: 3, lost: 1, dueAt: NOW + 12_000, failure: ERROR } as const;
  expect(sentence(retrying)).toBe(
    "waits for its back-off: due in 12 s; attempt 2 of 5 (and 1 lost attempt replaced) failed with error: no route to host",
  );
  expect(sentence({ ...retrying, dueAt: NOW - 1 })).toContain("over, so it is queued at the next turn");
});

test("what holds up the whole run is said beside the task's own reason", () => {
  const codes = (context: Partial<TaskRunQuestion>) => explain({ state: "queued" }, context).map(({ code }) => code);
  expect(codes({ engine: { isRunning: false } })).toEqual(["next_claim", "no_engine"]);
  expect(codes({ runState: "cancelling" })).toEqual(["next_claim", "run_cancelling"]);
  expect(codes({ runState: "queued" })).toEqual(["next_claim", "run_queued"]);
  const reopened = explain({ state: "scheduled" }, { runState: "queued" }).map(({ sentence }) => sentence);
  expect(reopened).toEqual(["is decided when its run begins", "its run waits for its place"]);
});

test("an upstream_failed or skipped task run names the rule and the tasks that decided", () => {
  const upstream = new Map<number, TaskRunState>([
    [0, "success"],
    [1, "failed"],
    [2, "skipped"],
  ]);
  expect(sentence({ state: "upstream_failed" }, { upstream })).toBe(
    "could not run by its rule all_success: join_sources (failed)",
  );
  expect(
    sentence({ state: "skipped", reason: "none_skipped: b was skipped" }, { upstream, rule: "none_skipped" }),
  ).toBe("was skipped by its rule none_skipped: b (skipped)");
  expect(sentence({ state: "skipped", reason: "nothing to load" }, { upstream })).toBe(
    "skipped itself: nothing to load",
  );
});

test("SK-3: what runIf has skipped says so, and a failure says that it came from asking", () => {
  expect(explain({ state: "skipped", reason: "run_if" })).toEqual([
    { code: "skipped_by_condition", sentence: "was skipped: its condition `runIf` was false" },
  ]);
  expect(sentence({ state: "failed", failure: { ...ERROR, asking: "runIf" } })).toContain(
    "failed with error in runIf:",
  );
});

test("RS-4, RS-5: what a rule of the pipeline has cancelled says which", () => {
  expect(sentence({ state: "cancelled", reason: "fail_fast" })).toBe(
    "was cancelled: another task failed, and the first failure ends the run",
  );
  expect(sentence({ state: "cancelled", reason: "timeout" })).toBe("was cancelled: its run took too long");
});

test("a failed task run names reason, attempt and how to mend it", () => {
  const failure = { ...ERROR, location: { file: "sales.ts", line: 12 } };
  expect(sentence({ state: "failed", attempt: 5, failure })).toBe(
    "failed: attempt 5 of 5 failed with error: no route to host at sales.ts:12 (Check the VPN.)",
  );
});

describe.each(TRIGGER_RULES)("under the rule %s", (rule) => {
  test("every state has a reason that a person can read", () => {
    for (const state of TASK_RUN_STATES) {
      for (const upstream of [new Map(), new Map<number, TaskRunState>([[0, "failed"]])]) {
        const reasons = explain({ state }, { upstream, rule });
        expect(reasons.length, state).toBeGreaterThan(0);
        for (const reason of reasons) expect(reason.sentence).toMatch(/^[a-z][^{}]{5,}$/);
        if (!isFinished(state)) expect(explain({ state }, { engine: { isRunning: false } }).length).toBe(2);
      }
    }
  });
});

type Context = Partial<TaskRunQuestion> & { readonly rule?: TriggerRule };

function explain(taskRun: Partial<TaskRunFacts> & { readonly state: TaskRunState }, context: Context = {}) {
  const { rule = "all_success", ...rest } = context;
  const retries = { ...NO_RETRIES, limit: 4 };
  const names = ["extract", "join_sources", "b", "load"];
  const tasks = names.map((name) => ({ name, when: rule, retries, lostLimit: 3 }));
  const facts = { taskIndex: 3, attempt: 1, lost: 0, ...taskRun };
  const defaults = { upstream: new Map(), runState: "running", engine: { isRunning: true }, now: NOW } as const;
  return explainTaskRun({ taskRun: facts, tasks, ...defaults, ...rest });
}

function sentence(...question: Parameters<typeof explain>): string {
  return explain(...question)[0]?.sentence ?? "";
}
