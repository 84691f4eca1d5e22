import { expect, test } from "vitest";
import { chain } from "./pipelines.ts";
import { retrying, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

export function testStalls(subject: Subject): void {
  test("RS-3: a run in which something is ready, leased or retrying is not stalled", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.startMany([chain("ready"), chain("leased"), chain("retrying"), chain("done")]);
    const claims = (await scenario.claim(4)).slice(1);
    const [, retry, done] = claims;
    if (retry === undefined || done === undefined) throw new Error("Nothing claimed");
    await scenario.exchange([
      [retry, retrying(60_000)],
      [done, SUCCESS],
    ]);
    await scenario.start(chain("ready"));
    expect(await scenario.store.failStalledRuns()).toEqual([]);
  });

  test("RS-3: a run in which nothing can happen any more fails, with a reason, and never hangs", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    const fine = await scenario.start(chain("a"));
    // A defect made by hand: the row that makes it runnable is gone.
    await scenario.opened.rows(
      `delete from ready where run_key = (select key from run where id = '${run}') returning task_run_key`,
    );
    expect(await scenario.store.failStalledRuns()).toEqual([run]);
    expect(await scenario.store.failStalledRuns()).toEqual([]);
    expect(await scenario.store.run(run)).toMatchObject({ state: "failed", reason: "stalled", unfinished: 0 });
    expect(await scenario.states(run)).toEqual({ a: "cancelled", b: "cancelled" });
    expect(await scenario.runState(fine)).toBe("running");
  });
}
