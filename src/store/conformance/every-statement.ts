import type { BackfillRequest } from "../backfill-records.ts";
import type { CompletionResult } from "../store.ts";
import { chain, join, type PipelineSketch } from "./pipelines.ts";
import { FAILED, LOST, retrying, type Scenario } from "./scenario.ts";
import { deploySchedules, scheduleOf } from "./schedule-sketch.ts";
import { watchAndReport } from "./sensors.ts";
import { deployTriggers, dueNow, onOrders, runOf, triggerOf } from "./trigger-sketch.ts";

/**
 * Makes a store send each of its statements once: those of the hot path, of operators and of the engine's duties.
 * `after` is a place in the events as this store writes it.
 */
export async function useEveryStatement(scenario: Scenario, after: string): Promise<void> {
  await runAndRepair(scenario, after);
  await listRuns(scenario);
  await pauseAndAdmit(scenario);
  await claimForBackfill(scenario);
  await backfill(scenario);
  await limit(scenario);
  await expandAndClear(scenario);
  await startChild(scenario);
  await failInARow(scenario);
  await deployTwice(scenario);
  await sendEvents(scenario);
  await moveCursor(scenario);
  await missDeadlines(scenario);
  await missAssets(scenario);
  await watchAndReport(scenario);
}

async function runAndRepair(scenario: Scenario, after: string): Promise<void> {
  const run = await scenario.start(
    join(3, "one_failed", {
      free: { concurrency: 2, pools: [{ name: "db", slots: 1 }], rateLimit: { limit: 1, perMs: 1_000 } },
    }),
  );
  const [first, second, third] = await scenario.claim(3);
  if (first === undefined || second === undefined || third === undefined) throw new Error("Nothing claimed");
  await scenario.exchange([[first, retrying(0)]], { runs: [run] });
  await scenario.exchange([[second, LOST]], {});
  await scenario.exchange([[third, FAILED]], {});
  await scenario.store.releaseRetries();
  await scenario.runOut(() => valued("1"));
  await scenario.store.rerun(run, "failed", "anna");
  await scenario.store.clear({ run, tasks: [], past: true, future: true, actor: "anna", dryRun: true });
  await scenario.store.mark({ run, tasks: [{ name: "free" }], as: "failed", actor: "anna" });
  await workOffInbox(scenario);
  const interval = { start: 1_700_000_000_000, end: 1_700_086_400_000 };
  for (const pipeline of ["daily", "rare"]) await scenario.store.pastSuccess({ project: "shop", pipeline, interval });
  await scenario.store.runStarts([run]);
  await scenario.store.cancelRun(run, "anna");
  await scenario.store.renewSession(scenario.session);
  await scenario.store.reapSessions([scenario.session]);
  await scenario.store.failStalledRuns();
  await scenario.start({ late: { totalTimeoutMs: 1 } }, { spec: { runTimeoutMs: 1 } });
  scenario.clock.advance(1);
  await scenario.store.fireTimers();
  await scenario.store.settleChildren();
  await scenario.store.descendants(run);
  await scenario.store.leasesOf(scenario.session);
  await scenario.store.claimsOf(scenario.session);
  await scenario.store.taskRuns(run, { states: ["failed"], taskIndexes: [0] });
  await scenario.store.attempts(run, 1);
  await scenario.store.attempts(run, 1, "");
  await scenario.store.outputs(run, [0, 1]);
  await scenario.store.taskRunsAt(run, [{ index: 0, path: "1" }]);
  await scenario.store.values([1, 2], 1_000);
  await scenario.store.events({ run, limit: 10, after });
  await scenario.store.events({ limit: 10, after });
  await scenario.store.newestEvent();
}

async function workOffInbox({ store }: Scenario): Promise<void> {
  const inbox = { project: "shop", limit: 10 };
  const bert = { assignedTo: "bert" };
  const rare = { pipeline: "rare" };
  for (const more of [{}, { pipeline: "daily", before: 9 }, { state: "open" } as const, bert, rare]) {
    await store.deadLetters({ ...inbox, ...more });
  }
  await store.deadLetters({ ...inbox, pipeline: "daily", state: "open" });
  const ids = (await store.deadLetters(inbox)).map(({ id }) => id);
  await store.assignDeadLetters({ project: "shop", ids: ids.slice(0, 1), to: "bert", actor: "anna" });
  await store.resolveDeadLetters({ project: "shop", ids: ids.slice(0, 1), note: "n", actor: "anna" });
}

/** Every kind of filter that is asked for, but for that of tests which want to see all there is. */
async function listRuns({ store }: Scenario): Promise<void> {
  const daily = { project: "shop", pipeline: "daily" };
  const rare = { project: "shop", pipeline: "rare" };
  for (const filter of [
    ...[{ project: "shop" }, daily, { states: ["running"] }, { project: "shop", states: [] }],
    ...[
      { project: "shop", states: ["failed"] },
      { project: "shop", states: ["queued"] },
    ],
    ...[
      { ...daily, states: ["success"] },
      { ...daily, states: ["running"] },
    ],
    ...[
      { project: "shop", states: ["success", "failed"] },
      { ...daily, states: ["success", "failed"] },
    ],
    ...[{ ...daily, states: ["success", "failed", "running"] }, rare, { ...rare, states: ["success"] }],
    ...[{ project: "other" }, { project: "other", states: ["success"] }],
    ...[{ requestKey: "request" }, { requestKey: "request", states: ["queued", "running", "cancelling"] }],
    ...[
      { requestKey: "request", states: ["running"] },
      { project: "shop", idPrefix: "run-" },
    ],
  ] as const) {
    await store.runs({ ...filter, limit: 1 });
  }
}

async function pauseAndAdmit(scenario: Scenario): Promise<void> {
  const pause = { project: "shop", pipeline: "daily", actor: "anna" };
  await scenario.store.pausePipeline(pause);
  await scenario.store.pausedPipelines("shop");
  await scenario.start(join(1, "all_done"));
  await scenario.store.lanes();
  await scenario.store.resumePipeline(pause);
  await scenario.store.admitRuns();
}

async function backfill(scenario: Scenario): Promise<void> {
  const { store } = scenario;
  const { versionHash } = await scenario.plan({ a: {} }, { pipeline: "refilled" });
  const day = { start: 0, end: 86_400_000 };
  const request: BackfillRequest = {
    ...{ timing: { kind: "every", ms: 86_400_000 }, timezone: "UTC", from: "", to: "", params: {} },
    ...{ reprocess: "all", order: "oldest_first", isSingleRun: false },
  };
  const sketch = { project: "shop", pipeline: "refilled", range: day, request };
  const wanted = { ...sketch, versionHash, requestKey: "refilled", intervals: 1, maxActive: 1, actor: "anna" };
  const made = await store.createBackfill(wanted);
  const { id } = made.backfill;
  const act = { project: "shop", id, actor: "anna" };
  const advance = { project: "shop", newRunId: () => `run-of-${id}-${++backfilled}` };
  await store.previewBackfill(sketch);
  await store.advanceBackfills(advance);
  await scenario.runOut(() => FAILED);
  await store.actOnBackfill({ ...act, action: "retry" });
  const moved = await scenario.plan({ a: {}, b: {} }, { pipeline: "refilled" });
  await store.actOnBackfill({ ...act, action: "follow", versionHash: moved.versionHash });
  await store.advanceBackfills(advance);
  await store.backfills({ project: "shop", limit: 1 });
  await store.backfills({ project: "shop", pipeline: "refilled", limit: 1 });
  await store.runs({ project: "shop", madeByBackfill: id, limit: 1 });
  await store.runs({ project: "shop", madeByBackfill: id, states: ["failed"], limit: 1 });
}

let backfilled = 0;

async function claimForBackfill(scenario: Scenario): Promise<void> {
  scenario.session = await scenario.openSession("session-b");
  await scenario.start({ a: { concurrency: 2 } }, { pipeline: "past", backfill: 7 });
  await scenario.claim(1, { capacity: 8 });
}

async function limit(scenario: Scenario): Promise<void> {
  const skip = { keyed: { key: "params.x", limit: 1, overflow: "skip" } } as const;
  await scenario.startMany([{ a: skip }, { a: skip }], { pipeline: "keyed" });
  await scenario.openSession("session-k");
  await scenario.claim(9, { session: "session-k" });
  await scenario.store.settleOverflows();
  await scenario.store.pipelineLoad("shop", "daily");
  const past = { a: { dependsOnPast: true } } as const;
  for (const start of [1, 2, 3]) {
    await scenario.start(past, { pipeline: "past", interval: { start, end: start }, spec: { maxRuns: 2 } });
  }
  await scenario.store.releasePast();
  await scenario.start({ a: { priorityBy: "critical_path" } }, { pipeline: "path" });
  await scenario.store.scopes("shop", "pool:");
  await scenario.store.scopeHolders("shop", ["pool:db"]);
  await scenario.store.setScopeLimit({ project: "shop", name: "pool:db", slots: 3, actor: "anna" });
}

/** A map over a list of a group that is tried again, cleared with the runs of the intervals around it. */
async function expandAndClear(scenario: Scenario): Promise<void> {
  scenario.session = await scenario.openSession("session-m");
  const groupRetries = { limit: 1, delay: { kind: "fixed", ms: 0 }, jitter: 0 } as const;
  const mapped: PipelineSketch = {
    start: { startOf: "g" },
    list: { in: "g", after: ["start"], gates: ["start"] },
    each: { in: "g", after: ["list"], over: "list" },
    end: { endOf: "g", after: ["list", "each"], groupRetries },
  };
  const runs: string[] = [];
  for (const start of [1, 2, 3]) {
    runs.push(await scenario.start(mapped, { pipeline: "mapped", interval: { start, end: start + 1 } }));
  }
  for (let attempt = 0; attempt < 2; attempt++) {
    await scenario.store.releaseRetries();
    await scenario.runOut((task) => (task === "each" ? FAILED : valued("[1,2]")));
  }
  const [, run = ""] = runs;
  await scenario.store.clear({ run, tasks: [], past: true, future: true, actor: "anna" });
}

async function startChild(scenario: Scenario): Promise<void> {
  scenario.limits = { pools: { remote: { slots: 1, countDeferred: true } } };
  const call = { pools: [{ name: "remote", slots: 1 }] };
  const run = await scenario.start({ call }, { pipeline: "parent" });
  const claims = await scenario.claim(1, { runs: [run] });
  const child = await scenario.plan(chain("rows"), { pipeline: "child", spec: { result: 0 } });
  const { session } = scenario;
  const cache = { kind: "keep", key: "key", ttlMs: 1_000 } as const;
  await scenario.store.completeAndClaim(
    claims.map((claim) => ({ ...claim, session, child, result: { kind: "deferred", reason: "child" } })),
    undefined,
  );
  const rows = await scenario.claim(1, { runs: [child.id] });
  await scenario.store.completeAndClaim(
    rows.map((claim) => ({ ...claim, session, cache, result: valued("1") })),
    undefined,
  );
  await scenario.store.cacheEntry("shop", "key");
  await scenario.store.settleChildren();
}

async function failInARow(scenario: Scenario): Promise<void> {
  await scenario.start({ a: {} }, { pipeline: "failing", spec: { pauseAfterFailures: 1 } });
  await scenario.runOut(() => FAILED);
}

async function deployTwice(scenario: Scenario): Promise<void> {
  await deploySchedules(scenario, { scheduled: [scheduleOf()] });
  await deploySchedules(scenario, { scheduled: [scheduleOf({ graceMs: 1 })] });
  await scenario.store.deployment("shop");
  await scenario.store.schedules("shop");
  await scenario.store.schedules("shop", "scheduled");
  for (let turn = 0; turn < 3; turn++) {
    await scenario.store.fireSchedules();
    scenario.clock.advance(86_400_000);
  }
  await scenario.store.scheduleGaps({ project: "shop", pipeline: "scheduled", schedule: "main" }, 10);
  const pause = { project: "shop", pipeline: "scheduled", actor: "anna" };
  await scenario.store.pausePipeline(pause);
  await scenario.store.resumePipeline(pause);
  await scenario.store.restoreSchedules();
  await deploySchedules(scenario, { tides: [scheduleOf({ timing: { kind: "code" } })] });
  await scenario.store.fireSchedules();
  for (const asked of await scenario.store.schedulesToAsk()) await scenario.store.answerSchedule(asked, { ticks: [] });
}

async function missAssets(scenario: Scenario): Promise<void> {
  const deadline = { kind: "by", minute: 60, day: 0 } as const;
  const tasks = { a: { outputs: [{ key: "revenue", deadline }] } };
  const { versionHash } = await scenario.plan(tasks, { pipeline: "made" });
  await scenario.store.deploy({ project: "shop", versionHash, actor: "anna" });
  scenario.clock.advance(86_400_000);
  await scenario.start(tasks, { pipeline: "made" });
  await scenario.runOut(() => ({ kind: "success", materialisations: [{ asset: "revenue" }] }));
  // In time once, and late then.
  for (let days = 0; days < 3; days++) {
    scenario.clock.advance(86_400_000);
    await scenario.store.missAssetDeadlines();
  }
  await scenario.store.assetDeadlines("shop");
}

async function missDeadlines(scenario: Scenario): Promise<void> {
  const usual = [{ kind: "slower_than", factor: 1, of: 9 }] as const;
  const late = { a: { deadlines: [...usual, { kind: "within", ms: 1 } as const] } };
  for (let runs = 0; runs < 6; runs++) {
    await scenario.start(late, { pipeline: "late", spec: { deadlines: usual } });
    if (runs < 5) await scenario.runOut();
  }
  scenario.clock.advance(10);
  await scenario.store.fireTimers();
  const runs = await scenario.store.runs({ project: "shop", pipeline: "late", limit: 1 });
  await scenario.store.missedDeadlines(runs.map(({ id }) => id));
  await scenario.runOut();
  for (const { id } of runs) await scenario.store.rerun(id, "all", "anna");
}

const FILES = { kind: "file", glob: "*", stableForMs: 0, pollEveryMs: 100, existing: "count" } as const;

async function sendEvents(scenario: Scenario): Promise<void> {
  const { store } = scenario;
  await deployTriggers(scenario, { load: [triggerOf({ batch: { everyMs: 1, max: 1 } })] });
  await deployTriggers(scenario, { load: [triggerOf(), triggerOf({ name: "other", source: onOrders("eu") })] });
  const signal = { project: "shop", name: "orders", id: "1", payload: {}, ttlMs: 1_000 };
  await store.emit([signal, { ...signal, id: "2" }]);
  await scenario.opened.eventsReadable();
  for (const due of await dueNow(store)) {
    await store.postponeTrigger(due, { message: "later", delayMs: 0 });
    const [refused, ...others] = due.groups;
    if (refused === undefined) continue;
    const runs = others.map((events) => ({ kind: "run", run: runOf(due, events) }) as const);
    await store.fireTrigger(due, [{ kind: "refused", message: "no" }, ...runs]);
    for (const { run } of runs) await store.eventsOf(run.id);
  }
  const run = await scenario.start({ wait: {} });
  const waiter = { run, taskRunKey: 1, generation: 1, task: { pipeline: "daily", name: "wait" } };
  for (let asks = 0; asks < 2; asks++) {
    await store.takeEvent({ project: "shop", name: "orders", filter: { where: [] }, ...waiter });
  }
  await deployTriggers(scenario, { load: [triggerOf({ source: FILES })] });
  for (const trigger of await store.fileTriggers("shop")) await store.noteLook(trigger, { message: "no folder" });
  await store.triggers("shop");
  await store.triggers("shop", "load");
  await deployTriggers(scenario, { load: [] });
  await deployTriggers(scenario, { load: [triggerOf()] });
}

async function moveCursor(scenario: Scenario): Promise<void> {
  const name = { project: "shop", pipeline: "read", name: "orders" };
  await scenario.start({ a: { cursor: { name: "orders" } } }, { pipeline: "read" });
  await scenario.end(await scenario.claim(), { kind: "success", cursor: { to: "1", version: 0 } });
  await scenario.store.cursor(name);
  await scenario.store.cursors("shop", "read");
  await scenario.store.setCursor({ ...name, value: 0, actor: "anna" });
}

function valued(json: string): CompletionResult {
  return { kind: "success", output: { kind: "inline", json } };
}
