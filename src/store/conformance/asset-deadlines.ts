import { expect, test } from "vitest";
import type { ClockDeadline } from "../../core/deadline/deadline-spec.ts";
import type { CompletionResult } from "../store.ts";
import { Scenario } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NEW_YEAR = Date.UTC(2026, 0, 1);
const BY_8: ClockDeadline = { kind: "by", minute: 8 * 60, timezone: "UTC", day: 0 };
const REVENUE = "warehouse/revenue";
const MADE: CompletionResult = { kind: "success", materialisations: [{ asset: REVENUE }] };

export function testAssetDeadlines(subject: Subject): void {
  test("an asset that was not made since the moment of the day before is told of once for each moment", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploy(scenario, BY_8);
    // The day on which it was deployed was not watched from its beginning.
    expect(await scenario.store.missAssetDeadlines()).toEqual({ fired: 0, nextInMs: DAY + 8 * HOUR });
    scenario.clock.advance(DAY + 8 * HOUR);
    expect(await scenario.store.missAssetDeadlines()).toEqual({ fired: 1, nextInMs: DAY });
    expect(await scenario.store.missAssetDeadlines()).toEqual({ fired: 0, nextInMs: DAY });
    const first = { deadline: "by 08:00 (UTC)", dueAt: NEW_YEAR + DAY + 8 * HOUR, waitsFor: ["it was never made"] };
    expect(await misses(scenario)).toEqual([
      { kind: "asset_deadline_missed", project: "shop", asset: REVENUE, ...first },
    ]);
    expect(await scenario.store.assetDeadlines("shop")).toEqual([
      { asset: REVENUE, deadline: "by 08:00 (UTC)", nextAt: first.dueAt + DAY, lateSince: first.dueAt },
    ]);
    scenario.clock.advance(DAY);
    await scenario.store.missAssetDeadlines();
    expect(await misses(scenario)).toHaveLength(2);
  });

  test("what was made since the moment before is in time; what was made late is late no more", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploy(scenario, BY_8);
    scenario.clock.advance(8 * HOUR);
    const run = await make(scenario, MADE);
    scenario.clock.advance(DAY);
    expect(await scenario.store.missAssetDeadlines()).toEqual({ fired: 0, nextInMs: DAY });
    scenario.clock.advance(DAY);
    expect((await scenario.store.missAssetDeadlines()).fired).toBe(1);
    expect(await misses(scenario)).toMatchObject([
      { waitsFor: [`it was made last at 2026-01-01T08:00:00Z by run ${run}`] },
    ]);
    scenario.clock.advance(HOUR);
    const late = await make(scenario, MADE);
    const madeAt = scenario.clock.wall();
    expect(await scenario.store.assetDeadlines("shop")).toEqual([
      { asset: REVENUE, deadline: "by 08:00 (UTC)", nextAt: madeAt + 23 * HOUR, madeAt, madeBy: late },
    ]);
  });

  test("after nobody has looked for days only what is late now is told", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploy(scenario, BY_8);
    scenario.clock.advance(5 * DAY + 9 * HOUR);
    expect(await scenario.store.missAssetDeadlines()).toEqual({ fired: 1, nextInMs: 23 * HOUR });
    await make(scenario, MADE);
    scenario.clock.advance(3 * DAY);
    await make(scenario, MADE);
    expect((await scenario.store.missAssetDeadlines()).fired, "made after its moment, before anybody looked").toBe(0);
  });

  test("an attempt that fails, or makes something else, makes nothing in time", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploy(scenario, BY_8);
    await make(scenario, { kind: "failed", failure: { reason: "error", message: "no" } });
    await make(scenario, { kind: "success", materialisations: [{ asset: "warehouse/other" }] });
    scenario.clock.advance(DAY + 8 * HOUR);
    expect((await scenario.store.missAssetDeadlines()).fired).toBe(1);
  });

  test("a deployment changes a deadline, takes it away, and gives it again with a day of its own", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploy(scenario, BY_8);
    await deploy(scenario, { ...BY_8, minute: 9 * 60 });
    expect(await scenario.store.assetDeadlines("shop")).toMatchObject([
      { deadline: "by 09:00 (UTC)", nextAt: NEW_YEAR + DAY + 9 * HOUR },
    ]);
    await deploy(scenario, undefined);
    expect(await scenario.store.assetDeadlines("shop")).toEqual([]);
    scenario.clock.advance(3 * DAY);
    expect(await scenario.store.missAssetDeadlines()).toEqual({ fired: 0 });
    await deploy(scenario, BY_8);
    expect(await scenario.store.missAssetDeadlines()).toEqual({ fired: 0, nextInMs: DAY + 8 * HOUR });
  });

  test("an asset of a project that was never deployed has nothing to be late for", async () => {
    await using scenario = await Scenario.begin(subject);
    await make(scenario, MADE);
    expect(await scenario.store.missAssetDeadlines()).toEqual({ fired: 0 });
    expect(await scenario.opened.rows("select * from asset_deadline")).toEqual([]);
  });
}

function sketch(deadline: ClockDeadline | undefined) {
  return { load: { outputs: [{ key: REVENUE, ...(deadline === undefined ? {} : { deadline }) }] } };
}

async function deploy(scenario: Scenario, deadline: ClockDeadline | undefined): Promise<void> {
  const { versionHash } = await scenario.plan(sketch(deadline));
  await scenario.store.deploy({ project: "shop", versionHash, actor: "anna" });
}

async function make(scenario: Scenario, result: CompletionResult): Promise<string> {
  const run = await scenario.start(sketch(BY_8));
  await scenario.end(await scenario.claim(10, { runs: [run] }), result);
  return run;
}

async function misses(scenario: Scenario) {
  return (await scenario.events()).flatMap(({ body }) => (body.kind === "asset_deadline_missed" ? [body] : []));
}
