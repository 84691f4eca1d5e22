import { expect, test } from "vitest";
import type { FileState } from "../../core/trigger/file-state.ts";
import type { FileSource, TriggerSpec } from "../../core/trigger/trigger-spec.ts";
import type { Store } from "../store.ts";
import type { FileTrigger } from "../trigger-records.ts";
import { Scenario } from "./scenario.ts";
import type { Subject } from "./subject.ts";
import { deployTriggers, fireAll, HOUR_MS, triggerOf } from "./trigger-sketch.ts";

export function testFileTriggers(subject: Subject): void {
  test("TI-2: each state of a file starts one run, whoever finds it, for as long as it may take", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    await deployTriggers(scenario, { load: [onFiles()], other: [triggerOf()] });
    const trigger = await onlyTrigger(store);
    expect(trigger).toMatchObject({ project: "shop", pipeline: "load", name: "main", source: { glob: "in/*.csv" } });
    expect(await store.keepFiles(trigger, [file("b", 2), file("a", 1)])).toBe(2);
    expect(await store.keepFiles(trigger, [file("a", 1), file("b", 2)])).toBe(0);
    clock.advance(30 * 24 * HOUR_MS);
    expect(await store.keepFiles(trigger, [file("b", 3), file("b", 2)])).toBe(1);
    const at = clock.wall();
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([["in/a 1 9"], ["in/b 2 9"], ["in/b 3 9"]]);
    expect(await fireAll(store)).toEqual([]);
    const [run] = await store.runs({ project: "shop", limit: 1 });
    expect(run).toMatchObject({ pipeline: "load", trigger: "sensor", interval: { start: at, end: at } });
    expect(await store.eventsOf(run?.id ?? "")).toMatchObject([
      { name: "file:load/main", at, payload: { path: "in/b", size: 9, modifiedAt: "1970-01-01T00:00:00.003Z" } },
    ]);
    clock.advance(30 * 24 * HOUR_MS);
    expect(await store.keepFiles(trigger, [file("b", 3), file("x".repeat(4_000), 1)])).toBe(1);
  });

  test("files that are there before the trigger start nothing when it says so, and only the first says what was there", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await deployTriggers(scenario, { load: [onFiles({ existing: "ignore" })] });
    const trigger = await onlyTrigger(store);
    expect(await store.ignoreFiles(trigger, [file("a", 1)])).toBe(true);
    expect(await store.ignoreFiles(trigger, [file("a", 1), file("b", 1)])).toBe(false);
    expect(await store.keepFiles(trigger, [file("a", 1), file("b", 1), file("a", 2)])).toBe(2);
    await scenario.opened.eventsReadable();
    expect([...(await fireAll(store))].sort()).toEqual([["in/a 2 9"], ["in/b 1 9"]]);
    await deployTriggers(scenario, { load: [onFiles({ existing: "ignore", glob: "in/**" })] });
    expect(await store.ignoreFiles(await onlyTrigger(store), [file("c", 1)])).toBe(true);
    await deployTriggers(scenario, { load: [onFiles({ glob: "in/**" })] });
    expect(await store.keepFiles(await onlyTrigger(store), [file("c", 1)])).toBe(0);
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([]);
  });

  test("files wait while the pipeline is paused, and while it is deployed no more", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    await deployTriggers(scenario, { load: [onFiles()] });
    const trigger = await onlyTrigger(store);
    await store.pausePipeline({ project: "shop", pipeline: "load", actor: "anna" });
    await store.keepFiles(trigger, [file("a", 1)]);
    await scenario.opened.eventsReadable();
    clock.advance(30 * 24 * HOUR_MS);
    expect(await fireAll(store)).toEqual([]);
    expect(await store.triggers("shop")).toMatchObject([{ pending: 1 }]);
    await deployTriggers(scenario, { load: [] });
    expect(await store.fileTriggers("shop")).toEqual([]);
    expect(await store.keepFiles(trigger, [file("b", 1)])).toBe(0);
    expect(await store.ignoreFiles(trigger, [file("b", 1)])).toBe(false);
    await deployTriggers(scenario, { load: [onFiles()] });
    expect(await store.keepFiles(await onlyTrigger(store), [file("a", 1)])).toBe(0);
    await store.resumePipeline({ project: "shop", pipeline: "load", actor: "anna" });
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toEqual([["in/a 1 9"]]);
  });

  test("what stands in the way of looking is shown until it is mended, or the trigger is another one", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, clock } = scenario;
    await deployTriggers(scenario, { load: [onFiles()] });
    const since = clock.wall();
    await store.noteLook(await onlyTrigger(store), { message: "There is no folder in.", hint: "Make it." });
    clock.advance(HOUR_MS);
    const trigger = await onlyTrigger(store);
    await store.noteLook(trigger, { message: "in is no folder." });
    const lookFault = { message: "in is no folder.", since, times: 2 };
    expect(await store.triggers("shop")).toMatchObject([{ lookFault }]);
    await store.keepFiles(trigger, [file("a", 1)]);
    await scenario.opened.eventsReadable();
    expect(await fireAll(store)).toHaveLength(1);
    expect(await onlyTrigger(store)).toMatchObject({ lookFault });
    await store.noteLook(await onlyTrigger(store), undefined);
    expect(await onlyTrigger(store)).not.toHaveProperty("lookFault");
    await store.noteLook(trigger, { message: "in is no folder." });
    await deployTriggers(scenario, { load: [onFiles({ glob: "out/*" })] });
    await store.noteLook(trigger, { message: "in is no folder." });
    expect(await onlyTrigger(store)).not.toHaveProperty("lookFault");
  });
}

function onFiles(more: Partial<FileSource> = {}): TriggerSpec {
  const source = {
    kind: "file",
    glob: "in/*.csv",
    stableForMs: 5_000,
    pollEveryMs: 10_000,
    existing: "count",
  } as const;
  return triggerOf({ source: { ...source, ...more } });
}

function file(name: string, modifiedMs: number): FileState {
  return { path: `in/${name}`, size: 9, modifiedMs };
}

async function onlyTrigger(store: Store): Promise<FileTrigger> {
  const [trigger, ...others] = await store.fileTriggers("shop");
  if (trigger === undefined || others.length > 0) throw new Error("There is not one trigger for files.");
  return trigger;
}
