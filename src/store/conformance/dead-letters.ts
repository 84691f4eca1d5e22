import { expect, test } from "vitest";
import { chain } from "./pipelines.ts";
import { FAILED, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const INBOX = { project: "shop", limit: 100 };

export function testDeadLetters(subject: Subject): void {
  test("ST-7: a letter is replayed with what it had blocked, and closed by who did it", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ ...chain("a", "b"), done: { after: ["a"], when: "all_done" } });
    await scenario.runOut((task) => (task === "a" ? FAILED : SUCCESS));
    const [letter] = await scenario.store.deadLetters(INBOX);
    expect(letter).toMatchObject({ runId: run, task: "a", state: "open", failure: { message: "It broke." } });
    const request = { project: "shop", ids: [letter?.id ?? 0], actor: "anna" };
    expect(await scenario.store.replayDeadLetters(request)).toMatchObject({
      runs: [{ from: "failed", to: "running" }],
      taskRuns: [
        { task: "a", from: "failed", to: "queued" },
        { task: "b", from: "upstream_failed", to: "scheduled" },
      ],
      deadLetters: request.ids,
    });
    expect(await scenario.store.deadLetter("shop", request.ids[0] ?? 0)).toMatchObject({
      ...{ state: "replayed", closedBy: "anna", closedAt: scenario.clock.wall() },
    });
    expect(await scenario.store.replayDeadLetters(request)).toEqual({
      kind: "refused",
      message: `Dead letter ${request.ids[0]} is not open any more: replayed by anna.`,
    });
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("ST-7: a letter is resolved with a note, and the run stays as it ended", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    await scenario.runOut(() => FAILED);
    const [letter] = await scenario.store.deadLetters(INBOX);
    const request = { project: "shop", ids: [letter?.id ?? 0], actor: "anna", note: "empty source" };
    await scenario.store.resolveDeadLetters(request);
    expect(await scenario.store.deadLetters(INBOX)).toMatchObject([
      { state: "resolved", note: "empty source", closedBy: "anna" },
    ]);
    expect(await scenario.runState(run)).toBe("failed");
    // The next generation has a letter of its own; the resolved one stays resolved.
    await scenario.store.rerun(run, "failed", "bert");
    await scenario.runOut(() => FAILED);
    const all = await scenario.store.deadLetters(INBOX);
    expect(all.map(({ state, generation }) => [state, generation])).toEqual([
      ["open", 2],
      ["resolved", 1],
    ]);
    const events = (await scenario.events(run)).flatMap(({ body }) =>
      body.kind === "dead_letter" ? [[body.generation, body.state, body.actor]] : [],
    );
    expect(events).toEqual([
      [1, "open", undefined],
      [1, "resolved", "anna"],
      [2, "open", undefined],
    ]);
  });

  test("ST-7: an assignment is kept while a letter is open, and may be changed or taken back", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {} });
    await scenario.runOut(() => FAILED);
    const ids = (await scenario.store.deadLetters(INBOX)).map(({ id }) => id);
    const request = { project: "shop", ids, actor: "anna" };
    await scenario.store.assignDeadLetters({ ...request, to: "bert" });
    expect(await scenario.store.deadLetters({ ...INBOX, assignedTo: "bert" })).toHaveLength(2);
    await scenario.store.assignDeadLetters({ ...request, ids: ids.slice(0, 1), to: null });
    expect(await scenario.store.deadLetters({ ...INBOX, assignedTo: "bert" })).toMatchObject([{ id: ids[1] }]);
    expect(await scenario.runState(run)).toBe("failed");
    await scenario.store.resolveDeadLetters({ ...request, note: "known" });
    expect(await scenario.store.deadLetters({ ...INBOX, assignedTo: "bert" })).toMatchObject([{ state: "resolved" }]);
    expect(await scenario.store.assignDeadLetters({ ...request, to: "carla" })).toMatchObject({ kind: "refused" });
  });

  test("the inbox is read by pipeline, state and page, newest first, and knows its own project alone", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.openSession("elsewhere", "other");
    for (const pipeline of ["daily", "hourly", "daily"]) {
      await scenario.start({ a: {}, b: {} }, { pipeline });
      await scenario.runOut(() => FAILED);
    }
    await scenario.start({ a: {} }, { project: "other" });
    scenario.session = "elsewhere";
    await scenario.runOut(() => FAILED);
    const all = await scenario.store.deadLetters(INBOX);
    expect(all.map(({ pipeline }) => pipeline)).toEqual([
      ...(["daily", "daily", "hourly", "hourly", "daily", "daily"] as const),
    ]);
    const page = { ...INBOX, pipeline: "daily", limit: 3 };
    const first = await scenario.store.deadLetters(page);
    const last = first.at(-1);
    const rest = await scenario.store.deadLetters({ ...page, ...(last === undefined ? {} : { before: last.id }) });
    expect([...first, ...rest].map(({ id }) => id)).toEqual([6, 5, 2, 1]);
    expect(await scenario.store.deadLetters({ ...INBOX, state: "replayed" })).toEqual([]);
    const stranger = (await scenario.store.deadLetters({ project: "other", limit: 1 }))[0]?.id ?? 0;
    const request = { project: "shop", ids: [1, stranger], actor: "anna" };
    expect(await scenario.store.replayDeadLetters(request)).toMatchObject({ kind: "not_found" });
    expect(await scenario.store.deadLetters({ ...INBOX, state: "open" })).toHaveLength(6);
  });
}
