import { expect, test } from "vitest";
import type { Claim, CompletionResult, NewRun, RunId } from "../store.ts";
import { chain, manifestOf } from "./pipelines.ts";
import { CANCELLED, FAILED, Scenario } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const ONE_RETRY = { limit: 1, delay: { kind: "fixed", ms: 60_000 }, jitter: 0 } as const;
const VALUE = { kind: "inline", json: '{"rows":3}' } as const;

export function testChildRuns(subject: Subject): void {
  test("a task run that waits for a run holds no slot, and ends as a success with the value of its result", async () => {
    await using family = await Family.begin(subject);
    const { scenario, parent } = family;
    const child = await family.startChild();
    expect(await scenario.taskRun(parent, "call")).toMatchObject({ state: "deferred", reason: `child: ${child}` });
    expect(await scenario.store.leasesOf(scenario.session)).toEqual([]);
    expect(await scenario.store.run(child)).toMatchObject({
      ...{ state: "running", pipeline: "load" },
      parent: { runId: parent, taskIndex: 0, mapKey: "", root: parent, depth: 1 },
    });
    expect(await scenario.store.settleChildren()).toEqual({ settled: 0 });
    await scenario.check();
    await scenario.end(await scenario.claim(), { kind: "success", output: VALUE });
    expect(await scenario.store.settleChildren()).toEqual({ settled: 1 });
    expect(await scenario.taskRun(parent, "call")).toMatchObject({ state: "success", reason: `child: ${child}` });
    expect([...(await scenario.store.outputs(parent, [0])).values()]).toEqual([VALUE]);
    expect(await scenario.store.attempts(parent)).toMatchObject([{ attempt: 1, outcome: "success" }]);
    expect(await scenario.states(parent)).toEqual({ call: "success", after: "queued" });
    expect(await scenario.store.settleChildren()).toEqual({ settled: 0 });
  });

  test("the same completion again creates no other run", async () => {
    await using family = await Family.begin(subject);
    const { scenario } = family;
    const claims = await scenario.claim();
    await family.defer(claims);
    expect((await family.defer(claims)).completions).toEqual(["stale"]);
    expect(await scenario.store.runs({ project: "shop", pipeline: "load", limit: 10 })).toHaveLength(1);
  });

  test("a run that fails fails its task run by the policy of the task, and every attempt starts another run", async () => {
    await using family = await Family.begin(subject, ONE_RETRY);
    const { scenario, parent } = family;
    const first = await family.startChild();
    await scenario.end(await scenario.claim(), FAILED);
    await scenario.store.settleChildren();
    const message = `Run ${first} of pipeline "load" failed.`;
    expect(await scenario.taskRun(parent, "call")).toMatchObject({
      ...{ state: "retrying", reason: "child_failed", dueAt: scenario.clock.wall() + 60_000 },
      failure: { message },
    });
    scenario.clock.advance(60_000);
    await scenario.store.releaseRetries();
    const second = await family.startChild();
    expect(second).not.toBe(first);
    await scenario.end(await scenario.claim(), FAILED);
    await scenario.store.settleChildren();
    expect(await scenario.states(parent)).toEqual({ call: "failed", after: "upstream_failed" });
    expect(await scenario.runState(parent)).toBe("failed");
    const outcomes = (await scenario.store.attempts(parent)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["failed", "failed"]);
  });

  test("cancelling the run cancels the run it waits for, and so on down", async () => {
    await using family = await Family.begin(subject);
    const { scenario, parent } = family;
    const child = await family.startChild();
    const grandchild = await family.startChild();
    const claims = await scenario.claim();
    await scenario.store.cancelRun(parent, "anna");
    expect(await scenario.store.run(parent)).toMatchObject({ state: "cancelled" });
    expect(await scenario.store.run(child)).toMatchObject({ state: "cancelled", reason: `operator: run ${parent}` });
    expect(await scenario.store.run(grandchild)).toMatchObject({
      state: "cancelling",
      parent: { root: parent, depth: 2 },
    });
    expect(await scenario.store.leasesOf(scenario.session)).toMatchObject([{ stop: { kind: "cancel" } }]);
    await scenario.end(claims, CANCELLED);
    expect(await scenario.runState(grandchild)).toBe("cancelled");
    expect((await scenario.store.attempts(parent)).map(({ outcome }) => outcome)).toEqual(["cancelled"]);
  });

  test("a run that was cancelled by itself ends the task run that waits for it, without another attempt", async () => {
    await using family = await Family.begin(subject, ONE_RETRY);
    const { scenario, parent } = family;
    const child = await family.startChild();
    await scenario.store.cancelRun(child, "anna");
    expect(await scenario.taskRun(parent, "call")).toMatchObject({ state: "failed", reason: "cancelled" });
  });

  test("a task run that does not wait has its value at once, and its end is none of the other run's business", async () => {
    await using family = await Family.begin(subject);
    const { scenario, parent } = family;
    const child = await family.startChild({ kind: "success", output: VALUE });
    expect(await scenario.states(parent)).toEqual({ call: "success", after: "queued" });
    await scenario.store.cancelRun(parent, "anna");
    expect(await scenario.runState(child)).toBe("running");
    expect(await scenario.store.descendants(parent)).toEqual([
      {
        parent: { runId: parent, taskIndex: 0, mapKey: "", generation: 1, attempt: 1 },
        ...{ runId: child, pipeline: "load", state: "running", isAwaited: false },
      },
    ]);
  });

  test("an attempt that ends in a run that is being cancelled starts nothing", async () => {
    await using family = await Family.begin(subject);
    const { scenario, parent } = family;
    const claims = await scenario.claim();
    await scenario.store.cancelRun(parent, "anna");
    await family.defer(claims);
    expect(await scenario.runState(parent)).toBe("cancelled");
    expect(await scenario.store.runs({ project: "shop", pipeline: "load", limit: 10 })).toEqual([]);
  });

  test("RT-4: the total time-out spans the wait for a run, and ends it", async () => {
    await using family = await Family.begin(subject);
    const { scenario } = family;
    const parent = await scenario.start({ call: { totalTimeoutMs: 1_000 } });
    const child = await family.startChild(DEFERRED, await claimOf(scenario, parent));
    scenario.clock.advance(1_000);
    await scenario.store.fireTimers();
    expect(await scenario.taskRun(parent, "call")).toMatchObject({ state: "failed", reason: "timeout" });
    await scenario.store.settleChildren();
    expect(await scenario.runState(child)).toBe("cancelled");
  });
}

const DEFERRED = { kind: "deferred" } as const;

async function claimOf(scenario: Scenario, run: RunId): Promise<readonly Claim[]> {
  return scenario.claim(1, { runs: [run] });
}

/** A run whose first task starts runs of a pipeline of one task. */
class Family implements AsyncDisposable {
  readonly scenario: Scenario;
  readonly parent: RunId;
  readonly #childVersion: string;
  #children = 0;

  static async begin(subject: Subject, retries?: typeof ONE_RETRY): Promise<Family> {
    const scenario = await Scenario.begin(subject);
    const sketch = { ...chain("call", "after"), call: retries === undefined ? {} : { retries } };
    const parent = await scenario.start(sketch);
    const manifest = manifestOf({ load: chain("rows") }, { result: 0 });
    await scenario.store.saveVersion({ hash: "children", project: "shop", manifest });
    return new Family(scenario, parent, "children");
  }

  private constructor(scenario: Scenario, parent: RunId, childVersion: string) {
    this.scenario = scenario;
    this.parent = parent;
    this.#childVersion = childVersion;
  }

  /** Ends what is ready with a new run; gives its id. */
  async startChild(
    result: { kind: "deferred" } | CompletionResult = DEFERRED,
    claims?: readonly Claim[],
  ): Promise<RunId> {
    const held = claims ?? (await this.scenario.claim(1));
    await this.#end(held, this.#nextRun(), result);
    return this.#lastId;
  }

  defer(claims: readonly Claim[]) {
    return this.#end(claims, this.#nextRun(), DEFERRED);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scenario[Symbol.asyncDispose]();
  }

  get #lastId(): RunId {
    return `child-${this.#children}`;
  }

  async #end(claims: readonly Claim[], child: NewRun, result: { kind: "deferred" } | CompletionResult) {
    const { session, store } = this.scenario;
    const ended: CompletionResult = result.kind === "deferred" ? { ...result, reason: `child: ${child.id}` } : result;
    return store.completeAndClaim(
      claims.map(({ taskRunKey, token }) => ({ taskRunKey, token, session, result: ended, child })),
      undefined,
    );
  }

  #nextRun(): NewRun {
    this.#children += 1;
    return {
      ...{ id: this.#lastId, project: "shop", pipeline: "load", versionHash: this.#childVersion, trigger: "api" },
      ...{ interval: { start: 0, end: 86_400_000 }, timezone: "UTC", ds: "1970-01-01", params: {} },
      ...{ requestKey: this.#lastId, actor: "run" },
    };
  }
}
