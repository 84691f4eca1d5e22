import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Clock, systemClock } from "../../ports/clock.ts";
import { localProcessTable, startProcess } from "../../ports/processes.ts";
import { type ExecutorFixture, setupExecutor } from "../executor-for-tests.ts";
import { sessionMarker } from "../session-watchdog.ts";

test("no more than `slots` processes run, whatever is asked of them", async () => {
  const fixture = setupExecutor({ pid: "() => process.pid" }, { settings: { slots: 2 } });
  const results = await Promise.all(Array.from({ length: 12 }, (_, key) => fixture.result("pid", { taskRunKey: key })));
  const pids = new Set(results.map((result) => JSON.stringify(result)));
  expect(pids.size).toBeLessThanOrEqual(2);
  expect(processesOf(fixture).length).toBeLessThanOrEqual(2);
});

test("I14: each version has its own processes, and an idle one of another version makes room", async () => {
  const fixture = setupExecutor(
    { pid: "() => [process.pid, import.meta.url.includes('v2')]" },
    { settings: { slots: 1 } },
  );
  cpSync(fixture.rootDir, join(fixture.rootDir, "..", "v2"), { recursive: true });
  const first = outputOf(await fixture.result("pid"));
  const second = outputOf(await fixture.result("pid", { versionHash: "v2" }));
  expect([first[1], second[1]]).toEqual([false, true]);
  expect(first[0]).not.toBe(second[0]);
  expect(processesOf(fixture)).toEqual([second[0]]);
});

test("attempts of many pipelines at once all get their turn", async () => {
  const fixture = setupExecutor({ where: "() => [0, import.meta.url.includes('/v1/')]" }, { settings: { slots: 2 } });
  const versions = ["v1", "v2", "v3", "v4"];
  for (const version of versions.slice(1))
    cpSync(fixture.rootDir, join(fixture.rootDir, "..", version), { recursive: true });
  const orders = versions.flatMap((versionHash, index) =>
    [0, 1].map((turn) => fixture.result("where", { versionHash, taskRunKey: 10 * index + turn })),
  );
  expect((await Promise.all(orders)).map((result) => outputOf(result)[1])).toEqual([
    true,
    true,
    ...Array(6).fill(false),
  ]);
});

test("a prewarmed process takes the first attempt", async () => {
  const fixture = setupExecutor({ pid: "() => [process.pid, true]" });
  fixture.executor.prewarm(fixture.order("pid"));
  fixture.executor.prewarm(fixture.order("pid"));
  const [pid] = outputOf(await fixture.result("pid"));
  expect(processesOf(fixture)).toEqual([pid]);
});

test("a process that holds on to too much memory is replaced", async () => {
  const head = "const held: Buffer[] = []";
  const fixture = setupExecutor(
    { leak: "() => { held.push(Buffer.alloc(600e6, 1)); return [process.pid, true]; }" },
    { head, settings: { slots: 1 } },
  );
  const first = outputOf(await fixture.result("leak"));
  const second = outputOf(await fixture.result("leak", { taskRunKey: 2 }));
  const third = outputOf(await fixture.result("leak", { taskRunKey: 3 }));
  expect(second[0]).toBe(first[0]);
  expect(third[0]).not.toBe(first[0]);
});

test("a process is replaced after 10,000 orders", async () => {
  const fixture = setupExecutor({ pid: "() => [process.pid, true]", noop: "() => {}" }, { settings: { slots: 1 } });
  const before = outputOf(await fixture.result("pid"));
  for (let count = 0; count < 9_998; count++) await fixture.run("noop");
  expect(outputOf(await fixture.result("pid"))).toEqual(before);
  expect(outputOf(await fixture.result("pid"))).not.toEqual(before);
});

test("a process that dies while idle is no attempt's fault", async () => {
  const fixture = setupExecutor(
    { leave: "() => { setTimeout(() => { throw new Error('left behind'); }, 20); return [process.pid, true]; }" },
    { settings: { slots: 1 } },
  );
  for (let turn = 0; turn < 5; turn++) {
    const [pid] = outputOf(await fixture.result("leave", { taskRunKey: turn }));
    while (processesOf(fixture).includes(Number(pid)))
      await (await startProcess({ argv: ["true"], cwd: "/", env: {} })).exited;
  }
});

test("an order that a dying process had not begun is given to another one", async () => {
  // After its answer the process is deaf for a while, then ends: the next order waits in its pipe unread.
  const run = `() => {
    setImmediate(() => { for (const end = Date.now() + 50; Date.now() < end; ); process.exit(0); });
    return [process.pid, true];
  }`;
  const fixture = setupExecutor({ leave: run }, { settings: { slots: 1 } });
  const pids = new Set<unknown>();
  for (let turn = 0; turn < 4; turn++) pids.add(outputOf(await fixture.result("leave", { taskRunKey: turn }))[0]);
  expect(pids.size).toBe(4);
});

test("a pipeline file that never finishes loading is ended", async () => {
  const fixture = setupExecutor(
    { any: "() => 1" },
    { head: "while (true) {}", settings: { clock: hurried(60_000, 300) } },
  );
  expect(await fixture.result("any")).toMatchObject({
    failure: { reason: "cannot_start", message: expect.stringContaining("did not finish loading") },
  });
});

test("retry code that gives no answer is ended after 5 s, and the policy decides", async () => {
  const fixture = setupExecutor(
    { fail: { run: "() => { throw new Error('x'); }", retryIf: "() => { for (;;); }" } },
    { settings: { clock: hurried(5_000, 100) } },
  );
  const result = await fixture.result("fail");
  expect(result).toMatchObject({ kind: "failed", failure: { message: "x", hint: expect.stringContaining("5000 ms") } });
  expect(result).not.toHaveProperty("advice");
});

/** Time flies, but only where a test would have to wait. */
function hurried(fromMs: number, toMs: number): Clock {
  return { ...systemClock, after: (ms, callback) => systemClock.after(ms === fromMs ? toMs : ms, callback) };
}

function outputOf(result: Awaited<ReturnType<ExecutorFixture["result"]>>): readonly unknown[] {
  if (result.kind !== "success" || result.output?.kind !== "inline") throw new Error(JSON.stringify(result));
  return JSON.parse(result.output.json);
}

function processesOf({ sessionId }: ExecutorFixture): readonly number[] {
  return localProcessTable.marked(sessionMarker(sessionId)).map((row) => row.pid);
}
