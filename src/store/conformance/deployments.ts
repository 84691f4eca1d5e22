import { expect, test } from "vitest";
import { Scenario } from "./scenario.ts";
import { deploySchedules, saveSchedules, scheduleOf } from "./schedule-sketch.ts";
import type { Subject } from "./subject.ts";

export function testDeployments(subject: Subject): void {
  test("deploying makes a version the current one of its project, with its schedules", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    expect(await store.deployment("shop")).toBeUndefined();
    const nightly = scheduleOf({ name: "nightly" });
    const versionHash = await saveSchedules(scenario, { daily: [scheduleOf(), nightly], plain: [] });
    expect(await store.deploy({ project: "shop", versionHash, actor: "anna" })).toEqual({
      changed: true,
      added: [
        { pipeline: "daily", schedule: "main" },
        { pipeline: "daily", schedule: "nightly" },
      ],
      ...{ edited: [], removed: [] },
    });
    expect(await store.deployment("shop")).toEqual({
      ...{ project: "shop", versionHash, kept: [], faults: [], deployedAt: clock.wall(), deployedBy: "anna" },
    });
    const main = { project: "shop", pipeline: "daily", name: "main", generation: 1, origin: clock.wall() };
    expect(await store.schedules("shop")).toMatchObject([
      { ...main, spec: scheduleOf(), nextAt: clock.wall() },
      { pipeline: "daily", name: "nightly", spec: nightly },
    ]);
    expect(await store.schedules("shop", "plain")).toEqual([]);
    expect(await store.schedules("other")).toEqual([]);
  });

  test("an equal deployment changes nothing, not even who deployed", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploySchedules(scenario, { daily: [scheduleOf()] });
    const before = await scenario.opened.rows("select * from deployment, schedule");
    scenario.clock.advance(1_000);
    const again = await deploySchedules(scenario, { daily: [scheduleOf()] }, { actor: "bert" });
    expect(again).toEqual({ changed: false, added: [], edited: [], removed: [] });
    expect(await scenario.opened.rows("select * from deployment, schedule")).toEqual(before);
  });

  test("an edit opens a generation of the one schedule it changes; one that is left out ends", async () => {
    await using scenario = await Scenario.begin(subject);
    const other = scheduleOf({ name: "other" });
    await deploySchedules(scenario, { daily: [scheduleOf(), other], hourly: [scheduleOf()] });
    scenario.clock.advance(1_000);
    const slow = scheduleOf({ graceMs: 1 });
    expect(await deploySchedules(scenario, { daily: [slow], hourly: [scheduleOf()] })).toEqual({
      ...{ changed: true, added: [] },
      edited: [{ pipeline: "daily", schedule: "main" }],
      removed: [{ pipeline: "daily", schedule: "other" }],
    });
    expect(await scenario.store.schedules("shop")).toMatchObject([
      { pipeline: "daily", name: "main", generation: 2, spec: slow, origin: scenario.clock.wall() - 1_000 },
      { pipeline: "hourly", name: "main", generation: 1 },
    ]);
  });

  test("a schedule that comes again after it was left out begins anew", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploySchedules(scenario, { daily: [scheduleOf()] });
    await deploySchedules(scenario, { daily: [] });
    scenario.clock.advance(86_400_000);
    const back = await deploySchedules(scenario, { daily: [scheduleOf()] });
    expect(back.added).toEqual([{ pipeline: "daily", schedule: "main" }]);
    expect(await scenario.store.schedules("shop")).toMatchObject([{ generation: 3, origin: scenario.clock.wall() }]);
  });

  test("TI-1: what was to run once keeps its beginning when its file comes again, so that it does not run twice", async () => {
    await using scenario = await Scenario.begin(subject);
    const once = scheduleOf({ timing: { kind: "once" } });
    await deploySchedules(scenario, { move_tables: [once] });
    const begun = scenario.clock.wall();
    await deploySchedules(scenario, { move_tables: [] });
    scenario.clock.advance(86_400_000);
    await deploySchedules(scenario, { move_tables: [once] });
    expect(await scenario.store.schedules("shop")).toMatchObject([{ generation: 3, origin: begun }]);
  });

  test("a pipeline whose file is broken keeps its schedules, and its error is on show", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    const good = await saveSchedules(scenario, { daily: [scheduleOf()], hourly: [scheduleOf()] });
    await store.deploy({ project: "shop", versionHash: good, actor: "anna" });
    const broken = await saveSchedules(scenario, { hourly: [scheduleOf()] });
    const faults = [{ file: "pipelines/daily.ts", message: "Unexpected token.", hint: "Look at line 3." }];
    const kept = [{ pipeline: "daily", versionHash: good }];
    const request = { project: "shop", versionHash: broken, kept, faults, actor: "anna" };
    expect(await store.deploy(request)).toMatchObject({ changed: true, edited: [], removed: [] });
    expect(await store.deployment("shop")).toMatchObject({ versionHash: broken, kept, faults });
    expect(await store.schedules("shop")).toHaveLength(2);
    expect(await store.deploy(request)).toMatchObject({ changed: false });
  });

  test("a version that was not saved, or has no such pipeline to keep, is refused, and nothing changes", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await expect(store.deploy({ project: "shop", versionHash: "none", actor: "anna" })).rejects.toMatchObject({
      code: "not_found",
    });
    const versionHash = await saveSchedules(scenario, { daily: [scheduleOf()] });
    const kept = [{ pipeline: "gone", versionHash }];
    await expect(store.deploy({ project: "shop", versionHash, kept, actor: "anna" })).rejects.toThrow(
      `Version ${versionHash} has no pipeline "gone" to be kept.`,
    );
    await expect(store.deploy({ project: "other", versionHash, actor: "anna" })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await store.deployment("shop")).toBeUndefined();
  });

  test("a schedule that is off, or whose pipeline is paused, is not looked at", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.store.pausePipeline({ project: "shop", pipeline: "hourly", actor: "anna" });
    await deploySchedules(scenario, { daily: [scheduleOf({ enabled: false })], hourly: [scheduleOf()] });
    expect((await scenario.store.schedules("shop")).map(({ rest, nextAt }) => [rest, nextAt])).toEqual([
      ["off", undefined],
      ["paused", undefined],
    ]);
  });
}
