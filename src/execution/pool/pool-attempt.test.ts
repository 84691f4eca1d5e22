import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { INLINE_VALUE_BYTES_MAX } from "../../core/value.ts";
import { setupExecutor } from "../executor-for-tests.ts";

test("a task function returns a value, which becomes the output", async () => {
  const { result } = setupExecutor({ answer: "async () => ({ answer: 42 })", plain: "() => [1, null]" });
  expect(await result("answer")).toEqual({ kind: "success", output: { kind: "inline", json: '{"answer":42}' } });
  expect(await result("plain")).toEqual({ kind: "success", output: { kind: "inline", json: "[1,null]" } });
});

test("a task that returns nothing succeeds without an output, and declared assets are reported as made", async () => {
  const { result } = setupExecutor({ load: { run: "async () => {}", outputs: [{ key: "warehouse/orders" }] } });
  expect(await result("load")).toEqual({ kind: "success", materialisations: [{ asset: "warehouse/orders" }] });
});

test("B59: inputs that are together larger than any message reach the task all the same", async () => {
  const { result } = setupExecutor({ sum: "({ input }) => Object.values(input).map((text) => text.length).join()" });
  const json = JSON.stringify("x".repeat(INLINE_VALUE_BYTES_MAX - 2));
  const value = { state: "success", value: { kind: "inline", json } } as const;
  const input = Object.fromEntries(Array.from({ length: 140 }, (_, index) => [`input_${index}`, value]));
  const lengths = Array.from({ length: 140 }, () => INLINE_VALUE_BYTES_MAX - 2).join();
  expect(await result("sum", { input })).toMatchObject({ output: { json: JSON.stringify(lengths) } });
});

test("the context says what run, interval, attempt and parameters it is", async () => {
  const { result, projectDir } = setupExecutor(
    { look: { run: CONTEXT_AS_DATA, connections: ["warehouse"] } },
    { settings: { connection: (name) => `settings of ${name}` } },
  );
  const order = {
    attempt: 3,
    mapKey: "3.7",
    params: { region: "eu" },
    timezone: "Europe/Berlin",
    idempotencyKey: "k1",
    events: [{ id: "1", name: "orders", key: "eu", at: Date.UTC(2026, 0, 2), payload: { rows: 1 } }],
  };
  expect(outputOf(await result("look", order))).toEqual({
    start: "2026-01-01T00:00:00.000Z",
    end: "2026-01-02T00:00:00.000Z",
    ds: "2026-01-01",
    timezone: "Europe/Berlin",
    params: { region: "eu" },
    run: { id: "0197a0c0-0000-7000-8000-000000000001", pipeline: "sample", trigger: "manual" },
    prev: {},
    next: {},
    events: [{ id: "1", name: "orders", key: "eu", at: "2026-01-02T00:00:00.000Z", payload: { rows: 1 } }],
    task: { name: "look", mapKey: "3.7" },
    attempt: 3,
    idempotencyKey: "k1",
    connections: { warehouse: "settings of warehouse" },
    projectDir,
    cwd: projectDir,
    signal: "AbortSignal false",
  });
});

test("a process that serves several runs never mixes up their facts", async () => {
  const { result } = setupExecutor({ look: "({ run, params }) => [run.id, params.n]" }, { settings: { slots: 1 } });
  const results: unknown[] = [];
  for (const n of [1, 1, 2, 1, 3]) results.push(outputOf(await result("look", { runId: `run-${n}`, params: { n } })));
  expect(results).toEqual([1, 1, 2, 1, 3].map((n) => [`run-${n}`, n]));
});

test("an attempt cannot change the parameters of the next one", async () => {
  const { result } = setupExecutor({ spoil: "({ params }) => { params.list.push(1); }" }, { settings: { slots: 1 } });
  const params = { list: [] };
  expect(await result("spoil", { params })).toMatchObject({ kind: "failed", failure: { errorName: "TypeError" } });
});

test("inputs come as values, inline or from the blob store", async () => {
  const { result } = setupExecutor({
    large: `() => "x".repeat(${2 * INLINE_VALUE_BYTES_MAX})`,
    join: { run: "({ input }) => [input.large.length, input.small.n, input.nothing]", input: {} },
  });
  const large = await result("large");
  if (large.kind !== "success" || large.output?.kind !== "blob")
    throw new Error(`Not a blob: ${JSON.stringify(large)}`);
  expect(large.output.bytes).toBe(2 * INLINE_VALUE_BYTES_MAX + 2);
  const input = {
    large: { state: "success", value: large.output },
    small: { state: "success", value: { kind: "inline", json: '{"n":1}' } },
    nothing: { state: "success" },
  } as const;
  expect(outputOf(await result("join", { input }))).toEqual([2 * INLINE_VALUE_BYTES_MAX, 1, null]);
});

test("under a rule that may start without a success an input is an outcome", async () => {
  const { result } = setupExecutor({ notify: { run: "({ input }) => input", when: "all_done" } });
  const input = {
    failed: { state: "failed" },
    fine: { state: "success", value: { kind: "inline", json: "[1]" } },
    empty: { state: "success" },
  } as const;
  expect(outputOf(await result("notify", { input }))).toEqual({
    failed: { state: "failed" },
    fine: { state: "success", value: [1] },
    empty: { state: "success", value: null },
  });
});

test("S13: a key called __proto__ in an input changes no prototype", async () => {
  const run = "({ input }) => [Object.keys(input.x), ({}).polluted ?? null, input.x.polluted ?? null]";
  const { result } = setupExecutor({ read: run });
  for (const json of ['{"__proto__":{"polluted":1},"a":1}', '{"\\u005f_proto__":{"polluted":1},"a":1}']) {
    const input = { x: { state: "success", value: { kind: "inline", json } } } as const;
    expect(outputOf(await result("read", { input }))).toEqual([["a"], null, null]);
  }
});

test("an input that is not JSON, and a blob that is gone, end the attempt as cannot_start", async () => {
  const { result } = setupExecutor({ read: "({ input }) => input.x" });
  const broken = { x: { state: "success", value: { kind: "inline", json: "{oops" } } } as const;
  expect(await result("read", { input: broken })).toMatchObject({ failure: { reason: "cannot_start" } });
  const missing = { x: { state: "success", value: { kind: "blob", hash: "a".repeat(64), bytes: 1 } } } as const;
  expect(await result("read", { input: missing })).toMatchObject({ failure: { reason: "cannot_start" } });
  const fine = { x: { state: "success", value: { kind: "inline", json: "1" } } } as const;
  expect(outputOf(await result("read", { input: fine }))).toBe(1);
});

test("a temp folder is there when asked for, and gone after the attempt", async () => {
  const { result, sessionDir } = setupExecutor({
    write: `async ({ tempDir }) => {
      (await import("node:fs")).writeFileSync(tempDir + "/a", "1");
      return tempDir;
    }`,
    nothing: "() => {}",
  });
  await result("nothing");
  expect(readdirSync(sessionDir)).toEqual(["owner.json"]);
  const folder = outputOf(await result("write"));
  expect(String(folder)).toContain(sessionDir);
  expect(existsSync(String(folder))).toBe(false);
});

test("skip() and fatal() are known by their mark, whatever copy of the package threw them", async () => {
  const { result } = setupExecutor({
    skip: `() => { throw Object.assign(new Error("no data today"), { batuta: "skip" }); }`,
    fatal: `() => { throw Object.assign(new Error("key expired"), { batuta: "fatal" }); }`,
  });
  expect(await result("skip")).toEqual({ kind: "skipped", reason: "no data today" });
  expect(await result("fatal")).toMatchObject({ kind: "failed", failure: { reason: "fatal", message: "key expired" } });
});

test("RT-7: doneWhen is asked when ordered, and true means success without running", async () => {
  const { result } = setupExecutor({
    load: { run: "() => 'ran'", doneWhen: "async ({ ds }) => ds === '2026-01-01'", outputs: [{ key: "a" }] },
  });
  expect(await result("load", { askFirst: true })).toEqual({ kind: "success", reason: "done_when" });
  expect(outputOf(await result("load", { askFirst: true, ds: "2026-01-02", runId: "another" }))).toBe("ran");
  expect(outputOf(await result("load", { askFirst: false }))).toBe("ran");
});

test("SK-3: runIf is asked before doneWhen when ordered; false skips, and a throw fails with its place", async () => {
  const { result } = setupExecutor({
    weekly: { run: "() => 'ran'", runIf: "async ({ ds }) => ds !== '2026-01-01'", doneWhen: "() => true" },
    broken: { run: "() => 'ran'", runIf: "() => { throw new RangeError('no calendar'); }" },
    skips: { run: "() => 'ran'", doneWhen: "() => { throw Object.assign(new Error('empty'), { batuta: 'skip' }); }" },
  });
  expect(await result("weekly", { askFirst: true })).toEqual({ kind: "skipped", reason: "run_if" });
  expect(await result("weekly", { askFirst: true, ds: "2026-01-02", runId: "another" })).toEqual({
    kind: "success",
    reason: "done_when",
  });
  expect(outputOf(await result("weekly", { askFirst: false }))).toBe("ran");
  expect(await result("broken", { askFirst: true })).toMatchObject({
    kind: "failed",
    failure: {
      ...{ reason: "error", errorName: "RangeError", message: "no calendar", asking: "runIf" },
      location: { file: "pipelines/sample.ts", line: 4 },
    },
  });
  expect(await result("skips", { askFirst: true })).toEqual({ kind: "skipped", reason: "empty" });
});

test("console, log and raw output keep their order, and are all there when the report is", async () => {
  const { result, log, logs, order } = setupExecutor({
    talk: `({ log }) => {
      console.log("one");
      console.error("two");
      log.warn("three", { rows: 3, big: 10n });
      process.stdout.write("four, ");
      process.stdout.write("still four\\n");
      log.info("five");
    }`,
  });
  await result("talk");
  expect(log("talk")).toEqual(["one", "two", expect.stringMatching(/^three .*rows.*3/), "four, still four", "five"]);
  expect(logs.read(order("talk"), 0).lines.map((line) => line.tag)).toEqual(["out", "err", "warn", "out", "info"]);
});

test("what native code and child processes print is in the log of their attempt", async () => {
  const { result, log } = setupExecutor({
    shell: `async () => {
      (await import("node:fs")).writeSync(1, "raw\\n");
      (await import("node:child_process")).execFileSync("/bin/sh", ["-c", "echo from a child"], { stdio: "inherit" });
    }`,
  });
  await result("shell");
  expect(log("shell", "out")).toEqual(["raw", "from a child"]);
});

test("what a file prints while it is imported is in the log of the first attempt", async () => {
  const { result, log } = setupExecutor({ first: "() => {}" }, { head: 'console.log("hello from the import")' });
  await result("first");
  expect(log("first")).toEqual(["hello from the import"]);
});

test("attempts of one process are run one at a time and reuse its imports", async () => {
  const head = "let running = 0; let count = 0";
  const run =
    "async () => { running += 1; await null; const seen = running; running -= 1; count += 1; return [process.pid, seen, count]; }";
  const { result } = setupExecutor({ count: run }, { head, settings: { slots: 1 } });
  const results = await Promise.all(Array.from({ length: 20 }, (_, index) => result("count", { taskRunKey: index })));
  const rows = results.map(outputOf);
  expect(new Set(rows.map((row) => Array.isArray(row) && row[0])).size).toBe(1);
  expect(rows.every((row) => Array.isArray(row) && row[1] === 1)).toBe(true);
  expect(rows.map((row) => Array.isArray(row) && row[2])).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

test("a task asks for a connection that has no settings: it cannot start, and the hint says what to set", async () => {
  const { result } = setupExecutor({ load: { run: "() => 1", connections: ["my-warehouse"] } });
  expect(await result("load")).toMatchObject({
    kind: "failed",
    failure: { reason: "cannot_start", hint: expect.stringContaining("BATUTA_CONNECTION_MY_WAREHOUSE") },
  });
});

test("S07: a task process gets no environment but a few names, and its connections in the order alone", async () => {
  process.env.BATUTA_SECRET_OF_THE_ENGINE = "s3cret";
  const { result } = setupExecutor(
    { look: { run: "() => Object.keys(process.env).sort()", connections: ["db"] } },
    { settings: { connection: () => "postgres://secret" } },
  );
  const names = outputOf(await result("look"));
  delete process.env.BATUTA_SECRET_OF_THE_ENGINE;
  const allowed = ["BATUTA_PROCESS", "BATUTA_SESSION", "HOME", "LANG", "PATH", "TMPDIR", "TZ"];
  expect(Array.isArray(names) && names.filter((name) => !allowed.includes(String(name)))).toEqual([]);
});

test("retryAfterMs of an error is passed on", async () => {
  const { result } = setupExecutor({
    call: `() => { throw Object.assign(new Error("429"), { retryAfterMs: 1500 }); }`,
  });
  expect(await result("call")).toMatchObject({ kind: "failed", advice: { retryAfterMs: 1500 } });
});

const CONTEXT_AS_DATA = `({ input, interval, signal, log, tempDir, ...rest }) => ({
  ...rest,
  start: interval.start.toISOString(),
  end: interval.end.toISOString(),
  cwd: process.cwd(),
  signal: signal.constructor.name + " " + signal.aborted,
})`;

function outputOf(result: Awaited<ReturnType<ReturnType<typeof setupExecutor>["result"]>>): unknown {
  if (result.kind !== "success" || result.output?.kind !== "inline") throw new Error(JSON.stringify(result));
  return JSON.parse(result.output.json);
}
