import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VALUE_BYTES_MAX } from "../../core/value.ts";
import { systemClock } from "../../ports/clock.ts";
import { localProcessTable } from "../../ports/processes.ts";
import { type ExecutorFixture, setupExecutor } from "../executor-for-tests.ts";
import { LOG_BYTES_MAX } from "../logs/log-store.ts";
import { sessionMarker } from "../session-watchdog.ts";

test("an error tells its class, its message, its stack and its line in the TypeScript file", async () => {
  const { result } = setupExecutor({
    load: `async () => {
      const rows: readonly string[] = [];
      class LoadError extends Error {}
      throw new LoadError("no rows", { cause: new TypeError("the deeper reason") });
    }`,
  });
  const { failure } = await failed(result("load"));
  expect(failure).toMatchObject({
    reason: "error",
    errorName: "LoadError",
    message: "no rows",
    location: { file: "pipelines/sample.ts", line: 6 },
  });
  expect(failure.stack).toContain("pipelines/sample.ts:6:");
  expect(failure.stack).toContain("Caused by: TypeError: the deeper reason");
  expect(failure.stack).not.toContain("task-process");
});

test.each([
  ["a string", "() => { throw 'plain text'; }", "plain text"],
  ["an object", "() => { throw { code: 7 }; }", "{ code: 7 }"],
  ["undefined", "() => { throw undefined; }", "undefined"],
  ["a rejection", "() => Promise.reject(new Error('rejected'))", "rejected"],
  ["null with a getter", "() => { throw { get message() { throw new Error('no'); } }; }", /message/],
])("what is thrown may be anything: %s", async (_name, run, message) => {
  const { result } = setupExecutor({ load: run });
  const { failure } = await failed(result("load"));
  expect(failure.reason).toBe("error");
  expect(failure.message).toMatch(message);
});

test("process.exit(0) in a task is a failure that says so, and the next attempt gets a fresh process", async () => {
  const { result } = setupExecutor({ leave: "() => { process.exit(0); }", pid: "() => process.pid" });
  expect(await result("leave")).toMatchObject({
    kind: "failed",
    failure: { reason: "process_exited", exitCode: 0, message: expect.stringContaining("exit code 0") },
  });
  expect(await result("pid")).toMatchObject({ kind: "success" });
});

test("an error in a timer, which nobody can catch, fails the attempt and replaces the process", async () => {
  const { result } = setupExecutor(
    {
      timer: "() => new Promise(() => { setTimeout(() => { throw new RangeError('from a timer'); }, 1); })",
      rejection: "async () => { Promise.reject(new Error('nobody waits')); await new Promise(() => {}); }",
      pid: "() => process.pid",
    },
    { settings: { slots: 1 } },
  );
  const before = await result("pid");
  expect(await result("timer")).toMatchObject({ failure: { reason: "error", errorName: "RangeError" } });
  expect(await result("pid")).not.toEqual(before);
  expect(await result("rejection")).toMatchObject({ failure: { reason: "error", message: "nobody waits" } });
});

test("an exhausted heap is out_of_memory", async () => {
  const { result } = setupExecutor(
    { hoard: "() => { const held = []; for (;;) held.push(new Array(1000).fill({ n: held.length })); }" },
    { settings: { nodeArgs: ["--max-old-space-size=32"] } },
  );
  expect(await result("hoard")).toMatchObject({ kind: "failed", failure: { reason: "out_of_memory" } });
});

test("RT-4: a task that never ends is ended at its time-out", async () => {
  const { result } = setupExecutor({ wait: { run: "() => new Promise(() => {})", timeoutMs: 50 } });
  expect(await result("wait")).toMatchObject({
    kind: "failed",
    failure: { reason: "timeout", message: expect.stringContaining("50 ms") },
  });
});

test("RT-4: a wall clock that jumps, forward or back, neither shortens nor lengthens the time-out of an attempt", async () => {
  for (const hours of [10, -10]) {
    let jumps = 0;
    const wall = () => systemClock.wall() + ++jumps * hours * 3_600_000;
    const tasks = {
      fine: { run: "() => 1", timeoutMs: 60_000 },
      wait: { run: "() => new Promise(() => {})", timeoutMs: 50 },
    };
    const { result } = setupExecutor(tasks, { settings: { clock: { ...systemClock, wall } } });
    expect(await result("fine")).toMatchObject({ kind: "success" });
    expect(await result("wait")).toMatchObject({ kind: "failed", failure: { reason: "timeout" } });
  }
});

test("a task that listens to its signal may clean up within the grace time", async () => {
  // On a busy machine the time may be up before the task has come so far as to listen.
  const run = `({ signal, log }) => new Promise((resolve) => {
    const cleanUp = () => { log.info("cleaning up: " + signal.reason.name); resolve("too late"); };
    if (signal.aborted) cleanUp();
    else signal.addEventListener("abort", cleanUp);
  })`;
  const { result, log } = setupExecutor({ wait: { run, timeoutMs: 50 } });
  expect(await result("wait")).toMatchObject({ kind: "failed", failure: { reason: "timeout" } });
  expect(log("wait")).toEqual(["cleaning up: AbortError"]);
});

test("a task that blocks the event loop, or ignores SIGTERM, is killed after the grace time", async () => {
  const { result } = setupExecutor({
    loop: { run: "() => { for (;;); }", timeoutMs: 50, graceMs: 50 },
    deaf: {
      run: "({ signal }) => { process.on('SIGTERM', () => {}); return new Promise(() => {}); }",
      timeoutMs: 50,
      graceMs: 50,
    },
  });
  expect(await result("loop")).toMatchObject({ failure: { reason: "timeout" } });
  expect(await result("deaf")).toMatchObject({ failure: { reason: "timeout" } });
});

test("RS-7: a stopped attempt is reported as cancelled, when nothing of it runs any more", async () => {
  const fixture = setupExecutor({
    family: `async () => {
      const { spawn } = await import("node:child_process");
      spawn("sleep", ["300"]);
      spawn("sleep", ["300"], { detached: true });
      spawn("sh", ["-c", "trap '' TERM; setsid sleep 300 & wait"], { detached: true });
      console.log("started");
      await new Promise(() => {});
    }`,
  });
  const order = { ...fixture.order("family"), task: { ...fixture.order("family").task, graceMs: 50 } };
  const started = fixture.said("started");
  const report = fixture.executor.execute(order);
  await started;
  expect(processesOf(fixture)).toBeGreaterThanOrEqual(4);
  fixture.executor.stop(order);
  expect((await report).result).toMatchObject({ kind: "cancelled", failure: { reason: "cancelled" } });
  expect(processesOf(fixture)).toBe(0);
});

test("an attempt that waits for a process can be stopped before it begins", async () => {
  const fixture = setupExecutor(
    { wait: "() => { console.log('up'); return new Promise(() => {}); }" },
    { settings: { slots: 1 } },
  );
  const up = fixture.said("up");
  const first = fixture.run("wait");
  await up;
  const second = fixture.order("wait", { taskRunKey: 99 });
  const report = fixture.executor.execute(second);
  fixture.executor.stop(second);
  expect((await report).result.kind).toBe("cancelled");
  fixture.executor.stop(fixture.order("wait"));
  expect((await first).result.kind).toBe("cancelled");
});

test("children that a successful task leaves behind are ended, also those that left its group", async () => {
  const fixture = setupExecutor({
    leave: `async () => {
      const { spawn, execSync } = await import("node:child_process");
      spawn("sleep", ["300"], { stdio: "ignore" }).unref();
      spawn("sleep", ["300"], { stdio: "ignore", detached: true }).unref();
      execSync("setsid sleep 300 > /dev/null 2>&1 &");
      return "done";
    }`,
    tidy: `async () => (await import("node:child_process")).execSync("echo tidy").toString()`,
  });
  expect(await fixture.result("leave")).toMatchObject({ kind: "success" });
  expect(processesOf(fixture)).toBe(0);
  expect(fixture.log("leave", "batuta")).toEqual([expect.stringContaining("3 processes")]);
  expect(await fixture.result("tidy")).toMatchObject({ kind: "success" });
  expect(processesOf(fixture)).toBe(1);
});

test("over its memory limit a task is killed, and the failure says how much it used", async () => {
  const { run } = setupExecutor({
    grow: {
      run: "async () => { const held = []; for (;;) { if (held.length < 40) held.push(Buffer.alloc(8e6, 1)); await new Promise((r) => setTimeout(r, 5)); } }",
      memoryLimitBytes: 200 * 1024 * 1024,
    },
  });
  const { result, usage } = await run("grow");
  expect(result).toMatchObject({ kind: "failed", failure: { reason: "memory_limit", message: /of 200 MiB/ } });
  expect(usage?.peakMemoryBytes).toBeGreaterThan(200 * 1024 * 1024);
});

test("what earlier attempts have left in a process does not count against a memory limit", async () => {
  const { result } = setupExecutor(
    {
      hoard: "() => { held.push(Buffer.alloc(150e6, 1)); }",
      modest: {
        run: "async () => { const own = Buffer.alloc(60e6, 1); await new Promise((r) => setTimeout(r, 100)); return own.length; }",
        memoryLimitBytes: 200 * 1024 * 1024,
      },
    },
    { head: "const held: unknown[] = []", settings: { slots: 1 } },
  );
  expect((await result("hoard")).kind).toBe("success");
  expect((await result("modest")).kind).toBe("success");
});

test("what an attempt used is measured: CPU time and peak memory, its children included", async () => {
  const { run } = setupExecutor({
    work: `async () => {
      const held = Buffer.alloc(100e6, 1);
      for (const begun = process.cpuUsage(); process.cpuUsage(begun).user < 100_000; );
      (await import("node:child_process")).execSync("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done");
      return held.length;
    }`,
    idle: "() => 1",
  });
  const { usage } = await run("work");
  expect(usage?.cpuMs).toBeGreaterThan(120);
  expect(usage?.peakMemoryBytes).toBeGreaterThan(150e6);
  const idle = await run("idle");
  expect(idle.usage?.cpuMs).toBeLessThan(100);
});

test("RT-3: retryIf and the delay function are asked in the failed process", async () => {
  const { result } = setupExecutor(
    {
      no: {
        run: "() => { seen = 'this process'; throw new Error('x'); }",
        retryIf: "(failure) => { console.log(seen); return failure.message !== 'x'; }",
      },
      later: {
        run: "() => { throw new Error('y'); }",
        retryIf: "() => true",
        retryDelay: "({ attempt }) => attempt + 's'",
      },
    },
    { head: "let seen = ''" },
  );
  expect(await result("no")).toMatchObject({ kind: "failed", advice: { retry: false } });
  expect(await result("later", { attempt: 2 })).toMatchObject({ advice: { retry: true, delayMs: 2000 } });
});

test("when the process died, a fresh one is asked, with the reason", async () => {
  const { result } = setupExecutor({
    leave: {
      run: "() => process.exit(7)",
      retryIf: "({ reason, exitCode }) => reason === 'process_exited' && exitCode === 7",
    },
  });
  expect(await result("leave")).toMatchObject({ failure: { reason: "process_exited" }, advice: { retry: true } });
});

test("retry code that throws leaves the decision to the policy, and the failure says so", async () => {
  const { result } = setupExecutor({
    fail: { run: "() => { throw new Error('x'); }", retryIf: "() => { throw new TypeError('in retryIf'); }" },
    odd: { run: "() => { throw new Error('x'); }", retryDelay: "() => 'soon'" },
  });
  const { failure, ...rest } = await failed(result("fail"));
  expect(rest).toEqual({ kind: "failed" });
  expect(failure.hint).toContain("TypeError: in retryIf");
  expect((await failed(result("odd"))).failure.hint).toContain("not a length of time");
});

test("what is never retried asks no retry code", async () => {
  const { result } = setupExecutor({
    fatal: {
      run: `() => { throw Object.assign(new Error("x"), { batuta: "fatal" }); }`,
      retryIf: "() => process.exit(1)",
    },
  });
  expect(await result("fatal")).toMatchObject({ kind: "failed", failure: { reason: "fatal" } });
});

test("B57: a task that prints and kills itself at once has its lines in the log", async () => {
  const { result, log } = setupExecutor({
    die: `({ log }) => { console.log("last words"); log.error("really"); process.kill(process.pid, "SIGKILL"); for (;;); }`,
  });
  expect(await result("die")).toMatchObject({ failure: { reason: "process_exited", signal: "SIGKILL" } });
  expect(log("die")).toEqual(["last words", "really"]);
});

test.each([
  ["a circle", "() => { const a = { list: [] }; a.list.push(a); return a; }", "$.list[0]"],
  ["a BigInt", "() => ({ rows: [1, { total: 10n }] })", "$.rows[1].total"],
  ["a class", "() => ({ when: new Map() })", "$.when"],
])("B59: an output that cannot be kept is invalid_output with its path: %s", async (_name, run, path) => {
  const { result } = setupExecutor({ bad: run });
  expect(await result("bad")).toMatchObject({
    kind: "failed",
    failure: { reason: "invalid_output", message: expect.stringContaining(path), hint: expect.any(String) },
  });
});

test("B59: an output of a gibibyte is refused, cleanly and for good", async () => {
  const run = `() => Array.from({ length: ${(4 * VALUE_BYTES_MAX) / 2 ** 20} }, () => "x".repeat(1048576))`;
  const { result } = setupExecutor({ huge: run });
  expect(await result("huge")).toMatchObject({ failure: { reason: "invalid_output", message: /larger than/ } });
});

test("a gigabyte of output is drained: the task ends, the log is bounded, the memory stays flat", async () => {
  const { run, log, logs, order } = setupExecutor({
    flood:
      "() => { const line = 'x'.repeat(99) + '\\n'; const chunk = line.repeat(10000); for (let i = 0; i < 1000; i++) process.stdout.write(chunk); }",
  });
  const before = process.memoryUsage.rss();
  expect((await run("flood")).result.kind).toBe("success");
  expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 1024 * 1024);
  expect(log("flood").at(-1)).toHaveLength(99);
  expect(logs.read(order("flood"), LOG_BYTES_MAX - 4096).lines.map(({ text }) => text)).toEqual(
    expect.arrayContaining([expect.stringMatching(/limit of 64.0 MiB/), expect.stringMatching(/were dropped/)]),
  );
});

test("a file that cannot be imported fails its attempts with file, line and frame, and every waiting one", async () => {
  const fixture = setupExecutor({ any: "() => 1" }, { head: "const x: number = null.oops" });
  const results = await Promise.all([1, 2, 3].map((key) => fixture.result("any", { taskRunKey: key })));
  for (const result of results) {
    expect(result).toMatchObject({
      kind: "failed",
      failure: {
        reason: "cannot_start",
        location: { file: "pipelines/sample.ts", line: 1 },
        stack: expect.stringContaining("null.oops"),
      },
    });
  }
});

test("a file that ends its process while it is imported fails its attempts", async () => {
  const { result } = setupExecutor({ any: "() => 1" }, { head: "process.exit(3)" });
  expect(await result("any")).toMatchObject({ failure: { reason: "cannot_start", message: /exit code 3/ } });
});

test("a process that builds another graph than the manifest's refuses to run", async () => {
  const fixture = setupExecutor({ any: "() => 1" });
  expect(await fixture.result("any", { graphHash: "0".repeat(64) })).toMatchObject({
    failure: { reason: "cannot_start", message: expect.stringContaining("another graph") },
  });
});

test("a version that is not there cannot start", async () => {
  const { result } = setupExecutor({ any: "() => 1" });
  expect(await result("any", { versionHash: "gone" })).toMatchObject({ failure: { reason: "cannot_start" } });
});

test("an attempt runs the version it was ordered for, whatever has become of the files since", async () => {
  const fixture = setupExecutor({ any: "() => 'as it was'" });
  writeFileSync(join(fixture.projectDir, "sample.ts"), "throw new Error('edited')");
  expect(await fixture.result("any")).toMatchObject({ output: { json: '"as it was"' } });
});

test.each([
  ["bytes that are no frame", "Buffer.alloc(100, 255)"],
  ["a frame that is no JSON", "frame('{oops')"],
  ["a message of no known form", "frame(JSON.stringify({ kind: 'success' }))"],
  ["a frame longer than any can be", "Buffer.from([255, 255, 255, 255, 0])"],
])("I42: user code that writes into the pipe to the engine ends its own process alone: %s", async (_name, bytes) => {
  const head = `import { writeSync } from "node:fs";
    const frame = (text) => { const b = Buffer.from("12345" + text); b.writeUInt32LE(text.length, 0); b[4] = 0; return b; }`;
  const { result } = setupExecutor(
    { forge: `() => { writeSync(4, ${bytes}); return new Promise(() => {}); }`, fine: "() => 1" },
    { head },
  );
  const { failure } = await failed(result("forge"));
  expect(failure.reason).toBe("process_exited");
  expect(failure.hint).toContain("file descriptor 4");
  expect(await result("fine")).toMatchObject({ kind: "success" });
});

type Result = Awaited<ReturnType<ExecutorFixture["result"]>>;

async function failed(result: Promise<Result>): Promise<Extract<Result, { kind: "failed" }>> {
  const given = await result;
  if (given.kind !== "failed") throw new Error(`Did not fail: ${JSON.stringify(given)}`);
  return given;
}

/** Every process of the fixture's session, task processes included. */
function processesOf({ sessionId }: ExecutorFixture): number {
  return localProcessTable.marked(sessionMarker(sessionId)).length;
}
