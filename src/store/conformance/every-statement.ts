import { join } from "./pipelines.ts";
import { FAILED, LOST, retrying, type Scenario, SUCCESS } from "./scenario.ts";

/**
 * Makes a store send each of its statements once: those of the hot path, of operators and of the engine's duties.
 * `after` is a place in the events as this store writes it.
 */
export async function useEveryStatement(scenario: Scenario, after: string): Promise<void> {
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
  await scenario.runOut(() => ({ ...SUCCESS, output: { kind: "inline", json: "1" } }));
  await scenario.store.rerun(run, "failed", "anna");
  await scenario.store.clear({ run, tasks: [], past: true, future: true, actor: "anna", dryRun: true });
  await scenario.store.mark({ run, tasks: [{ name: "free" }], as: "failed", actor: "anna" });
  const inbox = { project: "shop", limit: 10 };
  for (const more of [{}, { pipeline: "daily", before: 9 }, { state: "open" } as const, { assignedTo: "bert" }]) {
    await scenario.store.deadLetters({ ...inbox, ...more });
  }
  await scenario.store.deadLetters({ ...inbox, pipeline: "daily", state: "open" });
  const ids = (await scenario.store.deadLetters(inbox)).map(({ id }) => id);
  await scenario.store.assignDeadLetters({ project: "shop", ids: ids.slice(0, 1), to: "bert", actor: "anna" });
  await scenario.store.resolveDeadLetters({ project: "shop", ids: ids.slice(0, 1), note: "n", actor: "anna" });
  await scenario.store.cancelRun(run, "anna");
  await scenario.store.renewSession(scenario.session);
  await scenario.store.reapSessions([scenario.session]);
  await scenario.store.failStalledRuns();
  await scenario.start({ late: { totalTimeoutMs: 1 } }, { spec: { runTimeoutMs: 1 } });
  scenario.clock.advance(1);
  await scenario.store.fireTimers();
  await scenario.store.cacheEntry("shop", "key");
  await scenario.store.settleChildren();
  await scenario.store.descendants(run);
  await scenario.store.leasesOf(scenario.session);
  await scenario.store.taskRuns(run, { states: ["failed"], taskIndexes: [0] });
  await scenario.store.attempts(run, 1);
  await scenario.store.outputs(run, [0, 1]);
  await scenario.store.taskRunsAt(run, [{ index: 0, path: "1" }]);
  await scenario.store.values([1, 2], 1_000);
  await scenario.store.events({ run, limit: 10, after });
  await scenario.store.events({ limit: 10, after });
  await scenario.store.runs({ states: ["running"], limit: 1 });
  await scenario.store.runs({ project: "shop", pipeline: "daily", limit: 1 });
  await scenario.store.runs({ requestKey: "request", states: ["running"], limit: 1 });
  await scenario.store.runs({ project: "shop", pipeline: "daily", states: ["running"], limit: 1 });
  await scenario.store.runs({ project: "shop", limit: 1 });
  await scenario.store.lanes();
  const pause = { project: "shop", pipeline: "daily", actor: "anna" };
  await scenario.store.pausePipeline(pause);
  await scenario.store.pausedPipelines("shop");
  await scenario.start(join(1, "all_done"));
  await scenario.store.resumePipeline(pause);
  await scenario.store.admitRuns();
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
