import { expect, test } from "vitest";
import type { Claim, CompletionResult } from "../store.ts";
import type { PipelineSketch } from "./pipelines.ts";
import { CANCELLED, FAILED, LOST, retrying, Scenario, SKIPPED, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const READ: PipelineSketch = { read: { cursor: { name: "orders" } } };
const NAME = { project: "shop", pipeline: "daily", name: "orders" } as const;

export function testCursors(subject: Subject): void {
  test("a cursor moves with the success of its task, and says who moved it and when", async () => {
    await using scenario = await Scenario.begin(subject);
    expect(await scenario.store.cursor(NAME)).toBeUndefined();
    const first = await scenario.start(READ);
    const at = scenario.clock.wall();
    await scenario.end(await scenario.claim(), advancing("10", 0));
    const movedBy = { kind: "task", run: first, task: "read" };
    expect(await scenario.store.cursor(NAME)).toEqual({ ...NAME, value: 10, version: 1, movedAt: at, movedBy });
    scenario.clock.advance(1_000);
    await scenario.start(READ);
    await scenario.end(await scenario.claim(), advancing('{"id":20}', 1));
    expect(await scenario.store.cursors("shop", "daily")).toMatchObject([
      { value: { id: 20 }, version: 2, movedAt: at + 1_000 },
    ]);
    expect(await scenario.store.cursors("shop", "other")).toEqual([]);
    expect((await scenario.events(first)).map(({ body }) => body)).toContainEqual({
      ...{ kind: "cursor", taskIndex: 0, mapKey: "", generation: 1, name: "orders", moved: true, value: "10" },
    });
  });

  test.each<readonly [string, CompletionResult]>([
    ["a failure", FAILED],
    ["a retry", retrying(0)],
    ["a skip", SKIPPED],
    ["a lost worker", LOST],
    ["a cancelled attempt", CANCELLED],
    ["a success that has read nothing", SUCCESS],
  ])("%s moves nothing", async (_, result) => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(READ);
    await scenario.end(await scenario.claim(), result);
    expect(await scenario.store.cursor(NAME)).toBeUndefined();
  });

  test("a stale success moves nothing, and the one that counts moves it once", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(READ);
    const stale = await scenario.claim();
    await scenario.end(stale, LOST);
    const claims = await scenario.claim();
    expect((await scenario.end(stale, advancing("99", 0))).completions).toEqual(["stale"]);
    expect(await scenario.store.cursor(NAME)).toBeUndefined();
    await scenario.end(claims, advancing("10", 0));
    expect((await scenario.end(claims, advancing("20", 1))).completions).toEqual(["stale"]);
    expect(await scenario.store.cursor(NAME)).toMatchObject({ value: 10, version: 1 });
  });

  test("a cursor and the state of its task never disagree when its run was cancelled while it read", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(READ);
    const claims = await scenario.claim();
    await scenario.store.cancelRun(run, "anna");
    await scenario.end(claims, advancing("10", 0));
    expect([await scenario.states(run), (await scenario.store.cursor(NAME))?.value]).toEqual([{ read: "success" }, 10]);
  });

  test("tasks of a pipeline with a cursor of one name run one at a time, over all runs; others beside them", async () => {
    await using scenario = await Scenario.begin(subject);
    const two: PipelineSketch = {
      ...READ,
      again: { cursor: { name: "orders" } },
      other: { cursor: { name: "users" } },
    };
    await scenario.startMany([two, two]);
    await scenario.start(READ, { pipeline: "elsewhere" });
    const claims = await scenario.claim();
    const names = claims.map(({ runId, taskIndex }) => `${scenario.nameOf({ runId, taskIndex })}`);
    expect(names.sort()).toEqual(["other", "read", "read"]);
    const holders = await scenario.store.scopeHolders("shop", ["cursor:daily/orders"]);
    expect(holders).toMatchObject([{ scope: "cursor:daily/orders", pipeline: "daily" }]);
  });

  test("a person's setting is audited, and stands against the attempt that had read the cursor before", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(READ);
    await scenario.end(await scenario.claim(), advancing("10", 0));
    const run = await scenario.start(READ);
    const reading = await scenario.claim();
    const at = scenario.clock.wall();
    expect(await scenario.store.setCursor({ ...NAME, value: 3, actor: "anna" })).toMatchObject({ value: 10 });
    await scenario.end(reading, advancing("20", 1));
    const movedBy = { kind: "person", actor: "anna" };
    expect(await scenario.store.cursor(NAME)).toEqual({ ...NAME, value: 3, version: 2, movedAt: at, movedBy });
    expect(await scenario.states(run)).toEqual({ read: "success" });
    const cursors = (await scenario.events(run)).flatMap(({ body }) => (body.kind === "cursor" ? [body] : []));
    expect(cursors).toMatchObject([{ moved: false, value: "20" }]);
    const audits = await scenario.opened.rows("select actor, action, details from audit");
    const details = JSON.stringify({ pipeline: "daily", cursor: "orders", from: "10", to: "3" });
    expect(audits).toEqual([{ actor: "anna", action: "set_cursor", details }]);
  });

  test("a cursor may be set before any task has moved it", async () => {
    await using scenario = await Scenario.begin(subject);
    expect(await scenario.store.setCursor({ ...NAME, value: { id: 7 }, actor: "anna" })).toBeUndefined();
    await scenario.start(READ);
    await scenario.end(await scenario.claim(), advancing("8", 1));
    expect(await scenario.store.cursor(NAME)).toMatchObject({ value: 8, version: 2 });
  });

  test("clearing a task leaves the cursor where it is, and the next success moves it on from there", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(READ);
    await scenario.end(await scenario.claim(), advancing("10", 0));
    await scenario.store.rerun(run, "all", "anna");
    expect(await scenario.store.cursor(NAME)).toMatchObject({ value: 10 });
    await scenario.end(await scenario.claim(), advancing("20", 1));
    expect(await scenario.store.cursor(NAME)).toMatchObject({ value: 20, version: 2 });
  });

  test.each([
    ["64 KiB", JSON.stringify("x".repeat(64 * 1024))],
    ["no JSON", "{oops"],
  ])("a value that cannot be kept is refused whole: %s", async (what, to) => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(READ);
    const claims = await scenario.claim();
    await expect(scenario.end(claims, advancing(to, 0))).rejects.toMatchObject({ code: "invalid_output" });
    expect(await scenario.states(run)).toEqual({ read: "running" });
    expect(await scenario.store.cursor(NAME), what).toBeUndefined();
  });

  test("many cursors move in one transaction, each by its own task", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ b: { cursor: { name: "b" } }, a: { cursor: { name: "a" } }, plain: {} });
    const claims = await scenario.claim();
    await scenario.exchange(claims.map((claim) => [claim, advancedByPlace(claim)]));
    expect(await scenario.store.cursors("shop", "daily")).toMatchObject([
      { name: "a", value: 1 },
      { name: "b", value: 0 },
    ]);
  });
}

function advancing(to: string, version: number): CompletionResult {
  return { kind: "success", cursor: { to, version } };
}

/** Also of a task that has no cursor, which nobody asks for: it moves none. */
function advancedByPlace({ taskIndex }: Claim): CompletionResult {
  return advancing(String(taskIndex), 0);
}
