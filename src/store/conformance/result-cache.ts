import { expect, test } from "vitest";
import type { Claim, CompletionResult } from "../store.ts";
import { chain } from "./pipelines.ts";
import { FAILED, retrying, Scenario, SKIPPED, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const VALUE = { kind: "inline", json: "[1]" } as const;

export function testResultCache(subject: Subject): void {
  test("a result is kept with its success, with its origin, and the newest takes the place of the one before", async () => {
    await using scenario = await Scenario.begin(subject);
    const first = await scenario.start(chain("a"));
    const at = scenario.clock.wall();
    await keep(scenario, await scenario.claim(), { kind: "success", output: VALUE });
    expect(await scenario.store.cacheEntry("shop", "k")).toEqual({ runId: first, createdAt: at, output: VALUE });
    expect(await scenario.store.cacheEntry("other", "k")).toBeUndefined();
    expect(await scenario.store.cacheEntry("shop", "l")).toBeUndefined();
    scenario.clock.advance(1_000);
    const second = await scenario.start(chain("a"));
    const blob = { kind: "blob", hash: "abc", bytes: 5_000_000 } as const;
    await keep(scenario, await scenario.claim(), { kind: "success", output: blob });
    expect(await scenario.store.cacheEntry("shop", "k")).toEqual({
      runId: second,
      createdAt: at + 1_000,
      output: blob,
    });
  });

  test("a result without a value is kept too, and clearing its task run takes nothing away", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    await keep(scenario, await scenario.claim(), SUCCESS);
    await scenario.store.rerun(run, "all", "anna");
    const entry = await scenario.store.cacheEntry("shop", "k");
    expect(entry).toMatchObject({ runId: run });
    expect(entry).not.toHaveProperty("output");
  });

  test("an expired result is never taken", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(chain("a"));
    await keep(scenario, await scenario.claim(), { kind: "success", output: VALUE }, { ttlMs: 1_000 });
    scenario.clock.advance(999);
    expect(await scenario.store.cacheEntry("shop", "k")).toBeDefined();
    scenario.clock.advance(1);
    expect(await scenario.store.cacheEntry("shop", "k")).toBeUndefined();
  });

  test("B60: results whose time is over go when others are kept, and what takes the place of one stays", async () => {
    await using scenario = await Scenario.begin(subject);
    const keys = async () =>
      (await scenario.opened.rows("select key from cache_entry order by key")).map((row) => row.key);
    const keepAll = async (names: readonly string[], ttlMs?: number): Promise<void> => {
      await scenario.start(Object.fromEntries(names.map((name) => [name, {}])));
      const claims = await scenario.claim();
      for (const [index, claim] of claims.entries())
        await keep(scenario, [claim], SUCCESS, { ttlMs, key: names[index] });
    };
    await keepAll(["a", "b", "c"], 1_000);
    await keepAll(["d"], 5_000);
    await keepAll(["e"]);
    expect(await keys()).toEqual(["a", "b", "c", "d", "e"]);
    scenario.clock.advance(1_000);
    await keepAll(["b"], 1_000);
    expect(await keys()).toEqual(["b", "d", "e"]);
    expect(await scenario.store.cacheEntry("shop", "b")).toMatchObject({ createdAt: scenario.clock.wall() });
    scenario.clock.advance(100_000);
    await keepAll(["f"]);
    expect(await keys()).toEqual(["e", "f"]);
  });

  test.each<readonly [string, CompletionResult]>([
    ["a failure", FAILED],
    ["a skip", SKIPPED],
    ["a retry", retrying(0)],
    ["work that was found done", { kind: "success", reason: "done_when" }],
  ])("%s keeps nothing", async (_, result) => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(chain("a"));
    await keep(scenario, await scenario.claim(), result);
    expect(await scenario.store.cacheEntry("shop", "k")).toBeUndefined();
  });

  test("a stale success keeps nothing", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(chain("a"));
    const claims = await scenario.claim();
    await scenario.end(claims, retrying(0));
    await keep(scenario, claims, { kind: "success", output: VALUE });
    expect(await scenario.store.cacheEntry("shop", "k")).toBeUndefined();
  });

  test("several results for one key in one transaction keep one of them", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ a: {}, b: {}, c: {} });
    await keep(scenario, await scenario.claim(), { kind: "success", output: VALUE });
    expect(await scenario.opened.rows("select key from cache_entry")).toEqual([{ key: "k" }]);
  });

  test("a key that cannot be computed is an event of the run", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    const [claim] = await scenario.claim();
    if (claim === undefined) throw new Error("Nothing claimed");
    const { taskRunKey, token } = claim;
    const completion = { taskRunKey, token, session: scenario.session, result: SUCCESS };
    const cache = { kind: "unknown", why: "params.regoin is not there" } as const;
    await scenario.store.completeAndClaim([{ ...completion, cache }], undefined);
    expect((await scenario.events(run)).map(({ body }) => body)).toContainEqual({
      ...{ kind: "cache_passed", taskIndex: 0, mapKey: "", generation: 1, why: "params.regoin is not there" },
    });
  });
}

async function keep(
  scenario: Scenario,
  claims: readonly Claim[],
  result: CompletionResult,
  { ttlMs, key = "k" }: { readonly ttlMs?: number | undefined; readonly key?: string | undefined } = {},
): Promise<void> {
  const cache = { kind: "keep", key, ...(ttlMs === undefined ? {} : { ttlMs }) } as const;
  const completions = claims.map(({ taskRunKey, token }) => ({ taskRunKey, token, result, cache }));
  const { session } = scenario;
  await scenario.store.completeAndClaim(
    completions.map((one) => ({ ...one, session })),
    undefined,
  );
}
