import { expect, test } from "vitest";
import type { RunState } from "../../core/state.ts";
import type { EventRecord } from "../store.ts";
import { chain } from "./pipelines.ts";
import { FAILED, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

export function testReading(subject: Subject): void {
  test("runs are found by what they are, newest first", async () => {
    await using scenario = await Scenario.begin(subject);
    const a1 = await scenario.start(chain("t"), { pipeline: "a", requestKey: "key-1" });
    await scenario.runOut();
    const b1 = await scenario.start(chain("t"), { pipeline: "b", requestKey: "key-2", id: "xyz-1" });
    const a2 = await scenario.start(chain("t"), { pipeline: "a", requestKey: "key-1" });
    const c1 = await scenario.start(chain("t"), { pipeline: "a", project: "factory" });
    const find = async (filter: Partial<Parameters<typeof scenario.store.runs>[0]>) =>
      (await scenario.store.runs({ limit: 10, ...filter })).map(({ id }) => id);
    expect(await find({})).toEqual([c1, a2, b1, a1]);
    expect(await find({ limit: 2 })).toEqual([c1, a2]);
    expect(await find({ project: "shop" })).toEqual([a2, b1, a1]);
    expect(await find({ project: "shop", pipeline: "a" })).toEqual([a2, a1]);
    expect(await find({ requestKey: "key-1", states: ["running"] })).toEqual([a2]);
    expect(await find({ project: "shop", states: ["success", "failed"] })).toEqual([a1]);
    expect(await find({ project: "shop", states: [] })).toEqual([]);
    expect(await find({ project: "shop", idPrefix: "xyz" })).toEqual([b1]);
    expect(await find({ project: "shop", idPrefix: "run-000" })).toEqual([a2, a1]);
    expect(await find({ project: "shop", idPrefix: "%" })).toEqual([]);
    expect(await scenario.store.run("unknown")).toBeUndefined();
  });

  test("runs of several states are the newest of them all", async () => {
    await using scenario = await Scenario.begin(subject);
    const endings = [FAILED, SUCCESS, SUCCESS, FAILED, SUCCESS];
    const runs: string[] = [];
    for (const ending of endings) {
      runs.push(await scenario.start(chain("t")));
      await scenario.runOut(() => ending);
    }
    runs.push(await scenario.start(chain("t")));
    const [first, second, third, fourth, fifth, running] = runs;
    const find = async (states: readonly RunState[], limit: number) =>
      (await scenario.store.runs({ project: "shop", pipeline: "daily", states, limit })).map(({ id }) => id);
    expect(await find(["failed", "success"], 3)).toEqual([fifth, fourth, third]);
    expect(await find(["success", "failed", "running"], 10)).toEqual([running, fifth, fourth, third, second, first]);
    expect(await find(["success", "success"], 2)).toEqual([fifth, third]);
    expect(await find(["failed", "cancelled", "queued"], 10)).toEqual([fourth, first]);
  });

  test("task runs are found by state and by task", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {}, c: { after: ["a"] } });
    const names = async (filter: Parameters<typeof scenario.store.taskRuns>[1]) =>
      scenario.names(await scenario.store.taskRuns(run, filter));
    expect(await names({})).toEqual(["a", "b", "c"]);
    expect(await names({ states: ["queued"] })).toEqual(["a", "b"]);
    expect(await names({ taskIndexes: [1, 2] })).toEqual(["b", "c"]);
    expect(await names({ states: ["queued"], taskIndexes: [1, 2] })).toEqual(["b"]);
    expect(await scenario.store.taskRuns("unknown")).toEqual([]);
  });

  test("I08: each state change is one event, in order, and pages join without gap or double", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"));
    const other = await scenario.start(chain("x"));
    await scenario.runOut((task) => (task === "b" ? FAILED : SUCCESS));
    expect(await scenario.edges(run, "b")).toEqual(["scheduled>queued", "queued>running", "running>failed"]);
    const all = await scenario.events();
    const paged: EventRecord[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await scenario.store.events({ limit: 3, ...(after === undefined ? {} : { after }) });
      if (page.events.length === 0) break;
      paged.push(...page.events);
      after = page.cursor;
    }
    expect(paged).toEqual(all);
    expect(new Set(all.map(({ cursor }) => cursor)).size).toBe(all.length);
    expect(all.filter(({ runId }) => runId === other)).toEqual(await scenario.events(other));
  });

  test("at the end of the events the cursor stays, and what comes later follows it", async () => {
    await using scenario = await Scenario.begin(subject);
    expect(await scenario.store.events({ limit: 10 })).toEqual({ events: [], cursor: undefined });
    const run = await scenario.start(chain("a"));
    const { at, cursor } = (await scenario.events(run)).at(-1) ?? {};
    expect(at).toBe(scenario.clock.wall());
    if (cursor === undefined) throw new Error("No cursor");
    expect(await scenario.store.events({ limit: 10, after: cursor })).toEqual({ events: [], cursor });
    await scenario.claim();
    await scenario.opened.eventsReadable();
    const next = await scenario.store.events({ run, limit: 10, after: cursor });
    expect(next.events.map(({ body }) => body)).toMatchObject([{ kind: "task_state", to: "running" }]);
  });

  test("who begins at the newest event reads all that comes, and nothing of before", async () => {
    await using scenario = await Scenario.begin(subject);
    expect(await scenario.store.newestEvent()).toBeUndefined();
    await scenario.start(chain("a"));
    const { cursor } = (await scenario.events()).at(-1) ?? {};
    expect(await scenario.store.newestEvent()).toBe(cursor);
    await scenario.claim();
    await scenario.opened.eventsReadable();
    const next = await scenario.store.events({ limit: 10, ...(cursor === undefined ? {} : { after: cursor }) });
    expect(next.events.map(({ body }) => body)).toMatchObject([{ kind: "task_state", to: "running" }]);
    expect(await scenario.store.newestEvent()).toBe(next.cursor);
  });

  test("a cursor that this store never gave is refused", async () => {
    await using scenario = await Scenario.begin(subject);
    await expect(scenario.store.events({ after: "'; drop table event", limit: 1 })).rejects.toMatchObject({
      code: "usage",
    });
  });

  test("a store that is closed twice is closed once", async () => {
    const scenario = await Scenario.begin(subject);
    await scenario.store.close();
    await scenario.opened.close();
  });

  test("the store's clock is the one that was given", async () => {
    await using scenario = await Scenario.begin(subject);
    scenario.clock.advance(12_345);
    expect(await scenario.store.now()).toBe(scenario.clock.wall());
  });
}
