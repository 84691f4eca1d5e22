import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { INLINE_VALUE_BYTES_MAX, VALUE_BYTES_MAX } from "../../core/value.ts";
import { type Clock, systemClock } from "../../ports/clock.ts";
import { localProcessTable } from "../../ports/processes.ts";
import { type ExecutorFixture, setupExecutor, shellTask } from "../executor-for-tests.ts";
import { sessionMarker } from "../session-watchdog.ts";

test("exit code 0 is a success without a value, and its output is in the log", async () => {
  const { result, log } = setupExecutor({ hello: shellTask("echo hello; echo there >&2; pwd") });
  expect(await result("hello")).toEqual({ kind: "success" });
  expect(log("hello", "out")[0]).toBe("hello");
  expect(log("hello", "err")).toEqual(["there"]);
});

test("SK-4: the skip code skips, every other code fails with its number and the last words of stderr", async () => {
  const { result } = setupExecutor({
    skip: shellTask("exit 99"),
    other: shellTask("exit 99", { command: { skipExitCode: 7 } }),
    fail: shellTask("echo 'ValueError: no rows' >&2; exit 3"),
  });
  expect(await result("skip")).toMatchObject({ kind: "skipped", reason: expect.stringContaining("99") });
  expect(await result("other")).toMatchObject({ failure: { reason: "exit_code", exitCode: 99 } });
  expect(await result("fail")).toEqual({
    kind: "failed",
    failure: { reason: "exit_code", exitCode: 3, message: "The command ended with exit code 3: ValueError: no rows" },
  });
});

test.each([
  ["exit 137", { exitCode: 137, message: expect.stringContaining("want of memory") }],
  ["kill -9 $$", { signal: "SIGKILL", message: expect.stringContaining("want of memory") }],
  ["kill -SEGV $$", { signal: "SIGSEGV" }],
  ["no-such-command", { exitCode: 127, hint: expect.stringContaining("does not find") }],
])("%s is named for what it probably is", async (script, failure) => {
  const { result } = setupExecutor({ fail: shellTask(script) });
  expect(await result("fail")).toMatchObject({ kind: "failed", failure: { reason: "exit_code", ...failure } });
});

test("the context is in the environment, and nothing of the engine's own", async () => {
  process.env.BATUTA_SECRET_OF_THE_ENGINE = "s3cret";
  const fixture = setupExecutor(
    { look: shellTask("env", { connections: ["my-db"], command: { env: { DAY: "{{ ds }}" } } }) },
    { settings: { connection: () => "postgres://x" } },
  );
  await fixture.result("look", { params: { region: "eu $x `y`" }, attempt: 2, taskRunKey: 1 });
  delete process.env.BATUTA_SECRET_OF_THE_ENGINE;
  const lines = fixture.logs.read({ ...fixture.order("look"), attempt: 2 }, 0).lines.map((line) => line.text);
  const env = Object.fromEntries(lines.map((line) => [line.split("=", 1)[0], line.slice(line.indexOf("=") + 1)]));
  expect(env).toMatchObject({
    BATUTA_RUN_ID: fixture.order("look").runId,
    BATUTA_TASK: "look",
    BATUTA_PIPELINE: "sample",
    BATUTA_ATTEMPT: "2",
    BATUTA_DS: "2026-01-01",
    BATUTA_INTERVAL_START: "2026-01-01T00:00:00.000Z",
    BATUTA_INTERVAL_END: "2026-01-02T00:00:00.000Z",
    BATUTA_PARAMS: '{"region":"eu $x `y`"}',
    BATUTA_IDEMPOTENCY_KEY: "key-0",
    BATUTA_SESSION: fixture.sessionId,
    BATUTA_VERSION_DIR: fixture.rootDir,
    BATUTA_PROJECT_DIR: fixture.projectDir,
    BATUTA_CONNECTION_MY_DB: "postgres://x",
    DAY: "2026-01-01",
    PWD: fixture.projectDir,
  });
  expect(env).not.toHaveProperty("BATUTA_SECRET_OF_THE_ENGINE");
});

test("S08: a template's value is one argument, whatever it holds", async () => {
  const evil = "$(touch pwned) ; 'x' \n -rf";
  const argv = ["printf", "[%s]", "{{ params.evil }}", "{{ ds }}"];
  const { result, log, projectDir } = setupExecutor({ print: shellTask("", { command: { argv } }) });
  expect(await result("print", { params: { evil } })).toEqual({ kind: "success" });
  expect(log("print").join("\n")).toBe(`[${evil}][2026-01-01]`);
  expect(existsSync(join(projectDir, "pwned"))).toBe(false);
});

test("an undefined name in a template, a missing program, folder or file cannot start", async () => {
  const command = (more: object) => shellTask("true", { command: more });
  const { result, projectDir } = setupExecutor({
    name: command({ argv: ["echo", "{{ params.regoin }}"] }),
    program: command({ argv: ["./no-such-program"] }),
    forbidden: command({ argv: ["./data.txt"] }),
    folder: command({ cwd: "no/such/folder" }),
    file: command({ argv: ["/bin/sh", "scripts/gone.sh"], versionedFileArg: 1 }),
    outside: command({ argv: ["/bin/sh", "../../../etc/passwd"], versionedFileArg: 1 }),
  });
  writeFileSync(join(projectDir, "data.txt"), "no program");
  chmodSync(join(projectDir, "data.txt"), 0o644);
  for (const task of ["name", "program", "forbidden", "folder", "file", "outside"]) {
    expect(await result(task, { params: { region: "eu" } })).toMatchObject({
      kind: "failed",
      failure: { reason: "cannot_start", message: expect.any(String), hint: expect.any(String) },
    });
  }
});

test("parameters larger than an environment takes cannot start, and the hint says what to do", async () => {
  const { result } = setupExecutor({ any: shellTask("true") });
  expect(await result("any", { params: { large: "x".repeat(300_000) } })).toMatchObject({
    failure: { reason: "cannot_start", hint: expect.stringContaining("BATUTA_INPUT_FILE") },
  });
});

test("a file of the project is taken from the run's own version", async () => {
  const argv = ["/bin/sh", "say.sh", "{{ ds }}"];
  const { result, log, rootDir, projectDir } = setupExecutor({
    say: shellTask("", { command: { argv, versionedFileArg: 1 } }),
  });
  writeFileSync(join(rootDir, "say.sh"), "echo as it was $1");
  writeFileSync(join(projectDir, "say.sh"), "echo edited");
  await result("say");
  expect(log("say")).toEqual(["as it was 2026-01-01"]);
});

test("inputs come in a file, large ones and outcomes too", async () => {
  const { result, log } = setupExecutor({
    large: `() => "x".repeat(${2 * INLINE_VALUE_BYTES_MAX})`,
    read: shellTask('wc -c < "$BATUTA_INPUT_FILE"; head -c 40 "$BATUTA_INPUT_FILE"'),
    outcome: shellTask('cat "$BATUTA_INPUT_FILE"', { when: "all_done" }),
  });
  const large = await result("large");
  if (large.kind !== "success" || large.output === undefined) throw new Error("The fixture gave no output.");
  const small = { state: "success", value: { kind: "inline", json: '{"n":[1]}' } } as const;
  await result("read", { input: { small, large: { state: "success", value: large.output } } });
  expect(log("read")).toEqual([
    String('{"small":{"n":[1]},"large":""}\n'.length + 2 * INLINE_VALUE_BYTES_MAX),
    `{"small":{"n":[1]},"large":"${"x".repeat(12)}`,
  ]);
  await result("outcome", { input: { small, bad: { state: "failed" }, empty: { state: "success" } } });
  expect(JSON.parse(log("outcome").join(""))).toEqual({
    small: { state: "success", value: { n: [1] } },
    bad: { state: "failed" },
    empty: { state: "success", value: null },
  });
});

test("events that have started the run come in a file", async () => {
  const { result, log } = setupExecutor({ look: shellTask('cat "$BATUTA_EVENTS_FILE"'), none: shellTask("env") });
  const events = [{ id: "1", name: "orders", key: "eu", at: Date.UTC(2026, 0, 2), payload: { rows: 1 } }];
  await result("look", { events });
  expect(JSON.parse(log("look", "out")[0] ?? "")).toEqual([{ ...events[0], at: "2026-01-02T00:00:00.000Z" }]);
  await result("none");
  expect(log("none", "out").join()).not.toContain("BATUTA_EVENTS");
});

test("messages are one JSON object a line: logs, metrics, checks, materialisations and the value", async () => {
  const { result, log } = setupExecutor({
    talk: shellTask(
      `say() { echo "$1" >> "$BATUTA_MESSAGES"; }
       say '{"type":"log","level":"warn","message":"careful","fields":{"rows":3}}'
       say '{"type":"metric","name":"rows","value":42,"unit":"rows"}'
       say '{"type":"check","name":"not_empty","passed":false,"severity":"warn","asset":"lake/orders"}'
       say '{"type":"materialisation","metadata":{"rows":42}}'
       say '{"type":"materialisation","asset":"lake/extra"}'
       say '{"type":"heartbeat"}'
       say 'this is no JSON'
       say '{"type":"unheard of"}'
       say '[1]'
       say ''
       say '{"type":"output","value":{"first":1}}'
       printf '%s' '{"type":"output","value":{"rows":42}}' >> "$BATUTA_MESSAGES"`,
      { outputs: [{ key: "lake/orders" }] },
    ),
  });
  expect(await result("talk")).toEqual({
    kind: "success",
    output: { kind: "inline", json: '{"rows":42}' },
    materialisations: [{ asset: "lake/orders", metadata: { rows: 42 } }, { asset: "lake/extra" }],
  });
  expect(log("talk")).toEqual([
    'careful {"rows":3}',
    "metric rows = 42 rows",
    "check not_empty of lake/orders failed",
    "A message to Batuta is no JSON: this is no JSON",
    'A message to Batuta is of no known form: {"type":"unheard of"}',
    "A message to Batuta is no object: [1]",
  ]);
});

test("a large output is kept as a blob, one beyond the limit is refused, and the engine reads neither", async () => {
  const give = (mib: number) =>
    shellTask(
      `{ printf '{"type": "output", "value": "'; head -c ${mib * 2 ** 20} /dev/zero | tr '\\0' x; echo '"}'; } >> "$BATUTA_MESSAGES"`,
    );
  const { result } = setupExecutor({
    large: give(2),
    huge: give(VALUE_BYTES_MAX / 2 ** 20 + 1),
    broken: shellTask(
      `{ printf '{"type":"output","value":"'; head -c 2000000 /dev/zero; echo; } >> "$BATUTA_MESSAGES"`,
    ),
  });
  expect(await result("large")).toMatchObject({ kind: "success", output: { kind: "blob", bytes: 2 * 2 ** 20 + 2 } });
  const before = process.memoryUsage.rss();
  expect(await result("huge")).toMatchObject({ failure: { reason: "invalid_output", message: /larger than 256 MiB/ } });
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20);
  expect(await result("broken")).toMatchObject({ failure: { reason: "invalid_output" } });
});

test("messages are heard while the command runs", async () => {
  const fixture = setupExecutor({
    wait: shellTask(`echo '{"type":"log","level":"info","message":"half way"}' >> "$BATUTA_MESSAGES"; sleep 300`),
  });
  const heard = fixture.said("half way");
  const result = fixture.result("wait");
  await heard;
  fixture.executor.stop(fixture.order("wait"));
  expect((await result).kind).toBe("cancelled");
});

test("RT-4: a command that never ends gets SIGTERM at its time-out and may clean up", async () => {
  const timeIsUp = Promise.withResolvers<() => void>();
  const after: Clock["after"] = (ms, callback) => {
    if (ms !== 3_600_000) return systemClock.after(ms, callback);
    timeIsUp.resolve(callback);
    return { cancel: () => {} };
  };
  const { result, log, said } = setupExecutor(
    { wait: shellTask("trap 'echo cleaning; exit 0' TERM; echo up; sleep 300 & wait", { timeoutMs: 3_600_000 }) },
    { settings: { clock: { ...systemClock, after } } },
  );
  const up = said("up");
  const ended = result("wait");
  // Not before it has said what it does with the signal.
  await up;
  (await timeIsUp.promise)();
  expect(await ended).toMatchObject({ kind: "failed", failure: { reason: "timeout" } });
  expect(log("wait")).toEqual(["up", "cleaning"]);
});

test("RS-7: a command that ignores SIGTERM, forks and leaves its group is gone when it is reported cancelled", async () => {
  const fixture = setupExecutor({
    stubborn: shellTask("trap '' TERM; setsid sleep 300 & (sleep 300 &) ; echo up; while :; do sleep 1; done", {
      graceMs: 50,
    }),
  });
  const up = fixture.said("up");
  const result = fixture.result("stubborn");
  await up;
  fixture.executor.stop(fixture.order("stubborn"));
  expect((await result).kind).toBe("cancelled");
  expect(processesOf(fixture)).toBe(0);
});

test("a command that is to be killed has no grace time, nor the rest of one that has begun", async () => {
  const fixture = setupExecutor({
    stubborn: shellTask("trap 'echo asked' TERM; echo up; while :; do sleep 0.05; done", { graceMs: 600_000 }),
  });
  for (const askFirst of [false, true]) {
    const up = fixture.said("up");
    const result = fixture.result("stubborn");
    await up;
    if (askFirst) {
      const asked = fixture.said("asked");
      fixture.executor.stop(fixture.order("stubborn"));
      await asked;
    }
    fixture.executor.stop(fixture.order("stubborn"), { now: true });
    expect((await result).kind).toBe("cancelled");
    expect(processesOf(fixture)).toBe(0);
  }
});

/** By these the table of processes shows whose they are, also beside another run of this test. */
const SECONDS = { breed: 10_000_000 + process.pid, unmarked: 20_000_000 + process.pid };

test("a command that forks faster than anyone can look leaves nothing behind, nor does a child without a mark", async () => {
  const fixture = setupExecutor({
    breed: shellTask(`trap '' TERM; while :; do setsid sleep ${SECONDS.breed} & echo up; sleep 0.002; done`, {
      graceMs: 50,
    }),
    unmarked: shellTask(
      `env -i setsid -w sleep ${SECONDS.unmarked} & env -i sleep ${SECONDS.unmarked} & echo up; wait`,
      {
        graceMs: 50,
      },
    ),
  });
  for (const [task, seconds] of Object.entries(SECONDS)) {
    const up = fixture.said("up");
    const result = fixture.result(task);
    await up;
    fixture.executor.stop(fixture.order(task));
    expect((await result).kind).toBe("cancelled");
    expect(execFileSync("ps", ["-axo", "stat=,args="]).toString()).not.toMatch(
      new RegExp(`^[^Z].*sleep ${seconds}`, "m"),
    );
  }
});

test("children that a command leaves behind are ended, even when they hold its pipes", async () => {
  const fixture = setupExecutor({ leave: shellTask("sleep 300 & setsid sleep 300 & echo done") });
  expect(await fixture.result("leave")).toEqual({ kind: "success" });
  expect(processesOf(fixture)).toBe(0);
  expect(fixture.log("leave", "batuta")).toEqual([expect.stringMatching(/^\d processes that the command had started/)]);
});

test("over its memory limit a command is killed with its children", async () => {
  const fixture = setupExecutor({
    grow: shellTask("head -c 300m /dev/zero | tail -c 290m | sleep 300", { memoryLimitBytes: 100 * 2 ** 20 }),
  });
  const { result, usage } = await fixture.run("grow");
  expect(result).toMatchObject({ kind: "failed", failure: { reason: "memory_limit" } });
  expect(usage?.peakMemoryBytes).toBeGreaterThan(100 * 2 ** 20);
  expect(processesOf(fixture)).toBe(0);
});

test("what a command used is measured, its children included", async () => {
  const { run } = setupExecutor({
    work: shellTask(
      "sh -c 'i=0; while [ $i -lt 600000 ]; do i=$((i+1)); done'; head -c 100m /dev/zero | tail -c 100m | cat > /dev/null",
    ),
  });
  const { usage } = await run("work");
  expect(usage?.cpuMs).toBeGreaterThan(100);
  expect(usage?.peakMemoryBytes).toBeGreaterThan(1e6);
});

test("doneWhen of a command is asked in a task process, and true spares the command", async () => {
  const { result, log } = setupExecutor({
    load: { ...shellTask("echo ran"), doneWhen: "({ ds }) => { console.log('asked'); return ds === '2026-01-01'; }" },
    broken: { ...shellTask("echo ran"), doneWhen: "() => { throw new Error('no database'); }" },
  });
  expect(await result("load", { askFirst: true })).toEqual({ kind: "success", reason: "done_when" });
  expect(log("load")).toEqual(["asked"]);
  expect(await result("load", { askFirst: true, ds: "2026-01-02", runId: "other" })).toEqual({ kind: "success" });
  expect(await result("broken", { askFirst: true })).toMatchObject({
    failure: { reason: "error", message: "no database", asking: "doneWhen" },
  });
});

test("SK-3: runIf of a command is asked in a task process, and false spares the command", async () => {
  const { result, log } = setupExecutor({
    load: { ...shellTask("echo ran"), runIf: "({ ds }) => { console.log('asked'); return ds !== '2026-01-01'; }" },
  });
  expect(await result("load", { askFirst: true })).toEqual({ kind: "skipped", reason: "run_if" });
  expect(log("load")).toEqual(["asked"]);
  expect(await result("load", { askFirst: true, ds: "2026-01-02", runId: "other" })).toEqual({ kind: "success" });
});

test("doneWhen that never answers is ended by the time-out of the attempt", async () => {
  const { result } = setupExecutor({
    load: { ...shellTask("echo ran"), doneWhen: "() => new Promise(() => {})", timeoutMs: 300 },
  });
  expect(await result("load", { askFirst: true })).toMatchObject({ kind: "failed", failure: { reason: "timeout" } });
});

test("RT-3: retryIf of a command sees its exit code", async () => {
  const { result } = setupExecutor({
    fail: { ...shellTask("exit 3"), retryIf: "({ exitCode }) => exitCode !== 3" },
  });
  expect(await result("fail")).toMatchObject({ failure: { exitCode: 3 }, advice: { retry: false } });
});

test("B66: the folder of an attempt is there while it runs, and gone afterwards, however it ended", async () => {
  const { result, log, sessionDir } = setupExecutor({
    fine: shellTask('cd "$BATUTA_TEMP_DIR" && touch a && pwd'),
    killed: shellTask('touch "$BATUTA_TEMP_DIR/a"; sleep 300', { timeoutMs: 50 }),
  });
  await result("fine");
  expect(log("fine")[0]).toContain(sessionDir);
  await result("killed");
  expect(readdirSync(sessionDir)).toEqual(["owner.json"]);
});

test("a command that floods its log ends, and the log is bounded", async () => {
  const { result, log } = setupExecutor({
    flood: shellTask("head -c 200000000 /dev/zero | tr '\\0' '\\n'; echo the end"),
  });
  expect(await result("flood")).toEqual({ kind: "success" });
  expect(log("flood").at(-1)).toBe("the end");
});

function processesOf({ sessionId }: ExecutorFixture): number {
  return localProcessTable.marked(sessionMarker(sessionId)).length;
}
