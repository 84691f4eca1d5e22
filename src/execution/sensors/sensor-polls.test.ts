import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Json } from "../../core/json.ts";
import { type Clock, systemClock } from "../../ports/clock.ts";
import type { AttemptOrder, PollAnswer, PollOrder } from "../executor.ts";
import { type ExecutorFixture, sensorTask, setupExecutor } from "../executor-for-tests.ts";

const NOW = Date.UTC(2026, 0, 2);

/** Only polls that block their process have this time-out: 5 s after it the process is taken for one that hangs. */
const BLOCKED_MS = 321;
const IMPATIENT: Clock = {
  ...systemClock,
  after: (ms, callback) => systemClock.after(ms === BLOCKED_MS + 5_000 ? 500 : ms, callback),
};

test("WT-1: a function of the pipeline looks once, with its context, and its answers are what they mean", async () => {
  const fixture = setupExecutor({
    found: sensorTask({
      poll: "({ ds, params, attempt }, { memory, config }) => ({ ds, params, attempt, memory, config })",
    }),
    nothing: sensorTask({ poll: "({ log }) => { log.info('2 of 5 parts', { parts: 2 }); }" }),
    later: sensorTask({ poll: "() => ({ batuta: 'not_yet', seen: 'empty', memory: [1], againMs: 50 })" }),
    yes: sensorTask({ poll: "() => true" }),
    skipped: sensorTask({ poll: "() => { throw Object.assign(new Error('holiday'), { batuta: 'skip' }); }" }),
    fatal: sensorTask({ poll: "() => { throw Object.assign(new Error('gone'), { batuta: 'fatal' }); }" }),
    throws: sensorTask({ poll: "async () => { throw new TypeError('no route'); }" }),
    big: sensorTask({ poll: "() => 10n" }),
    huge: sensorTask({ poll: "() => ({ batuta: 'not_yet', memory: 'x'.repeat(70_000) })" }),
  });
  const answers = await Promise.all(
    [...["found", "nothing", "later", "yes", "skipped", "fatal", "throws", "big", "huge"]].map((task) =>
      poll(fixture, task, { config: { a: 1 }, memory: 7 }, { params: { region: "eu" }, attempt: 0 }),
    ),
  );
  const value = '{"ds":"2026-01-01","params":{"region":"eu"},"attempt":0,"memory":7,"config":{"a":1}}';
  expect(answers).toMatchObject([
    { kind: "done", output: { kind: "inline", json: value } },
    { kind: "not_yet", seen: '2 of 5 parts {"parts":2}' },
    { kind: "not_yet", seen: "empty", memory: [1], againMs: 50 },
    { kind: "done" },
    { kind: "skipped", reason: "holiday" },
    { kind: "failed", failure: { reason: "fatal", message: "gone" } },
    { kind: "error", failure: { reason: "error", message: "no route", errorName: "TypeError" } },
    { kind: "failed", failure: { reason: "invalid_output" } },
    { kind: "failed", failure: { reason: "invalid_output", message: expect.stringContaining("70002 bytes") } },
  ]);
});

test("WT-1: one that never answers is cut off after its time-out; one that blocks or ends the process harms no other", async () => {
  const fixture = setupExecutor(
    {
      silent: sensorTask({ poll: "() => new Promise(() => {})", sensor: { pollTimeoutMs: 200 } }),
      blocks: sensorTask({ poll: "() => { for (;;) {} }", sensor: { pollTimeoutMs: BLOCKED_MS } }),
      exits: sensorTask({ poll: "() => process.exit(7)", sensor: { pollTimeoutMs: 200 } }),
      fine: sensorTask({ poll: "() => 'found'", sensor: { pollTimeoutMs: 60_000 } }),
      quick: sensorTask({ poll: "() => 'found'", sensor: { pollTimeoutMs: 200 } }),
    },
    { settings: { clock: IMPATIENT } },
  );
  const found = { kind: "done", output: { kind: "inline", json: '"found"' } };
  const late = "The poll did not answer within 200 ms.";
  expect(await poll(fixture, "silent")).toMatchObject({ kind: "error", failure: { reason: "timeout", message: late } });
  expect(await Promise.all([poll(fixture, "exits"), poll(fixture, "fine")])).toMatchObject([
    { kind: "error", failure: { reason: "process_exited", message: expect.stringContaining("exit code 7") } },
    found,
  ]);
  expect(await Promise.all([poll(fixture, "blocks"), poll(fixture, "quick")])).toMatchObject([
    { kind: "error", failure: { reason: "process_exited", message: expect.stringContaining("without an answer") } },
    found,
  ]);
});

test("CC-4: polls wait for no slot: they are answered while attempts take all there are", async () => {
  const fixture = setupExecutor({
    busy: { run: "({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve))" },
    wait: sensorTask({ poll: "() => 'found'" }),
  });
  const busy = [1, 2].map((attempt) => fixture.run("busy", { attempt }));
  expect(await poll(fixture, "wait")).toMatchObject({ kind: "done" });
  for (const attempt of [1, 2]) fixture.executor.stop(fixture.order("busy", { attempt }), { now: true });
  await Promise.all(busy);
});

test("the sensor host looks for files, says when nothing has changed, and what stands in the way", async () => {
  const { executor, projectDir } = hosted({});
  writeFileSync(join(projectDir, "a.csv"), "1,2");
  const found = await executor.findFiles({ glob: "*.csv" });
  expect(found).toMatchObject({ kind: "files", files: [{ path: "a.csv", size: 3, modifiedMs: expect.any(Number) }] });
  const known = found.kind === "files" ? found.print : "";
  expect(await executor.findFiles({ glob: "*.csv", known })).toEqual({ kind: "same" });
  writeFileSync(join(projectDir, "b.csv"), "");
  const absolute = await executor.findFiles({ glob: join(projectDir, "?.csv"), known });
  expect(absolute).toMatchObject({ files: [{ path: join(projectDir, "a.csv") }, { path: join(projectDir, "b.csv") }] });
  expect(await executor.findFiles({ glob: "in/*.csv" })).toMatchObject({
    ...{ kind: "files", files: [] },
    problem: { message: expect.stringMatching(/There is no folder .*in, in which in\/\*\.csv is looked for/) },
  });
  expect(await executor.findFiles({ glob: "a.csv/*" })).toMatchObject({
    ...{ kind: "refused", problem: { message: expect.stringContaining("it is no folder") } },
  });
  await executor.close();
  expect(await executor.findFiles({ glob: "*.csv" })).toMatchObject({ kind: "refused" });
});

test("WT-1: the sensor host answers hundreds at once in one process, with connections, memory and large values", async () => {
  const fixture = hosted({ settings: { connection: (name) => `sqlite:${name}` } });
  const many = await Promise.all(
    Array.from({ length: 300 }, (_, index) => poll(fixture, "echo", { config: { index }, memory: index })),
  );
  const values = many.map((answer) =>
    JSON.parse(answer.kind === "done" && answer.output?.kind === "inline" ? answer.output.json : "{}"),
  );
  expect(values.map(({ config }) => config.index)).toEqual(Array.from({ length: 300 }, (_, index) => index));
  expect(new Set(values.map(({ pid }) => pid)).size).toBe(1);
  expect(values[7]).toMatchObject({ memory: 7, connections: { warehouse: "sqlite:warehouse" } });
  expect(await poll(fixture, "large")).toMatchObject({ kind: "done", output: { kind: "blob", bytes: 2_000_002 } });
});

test("WT-1: the host cuts off what never answers, is started again when it dies, and nothing else is lost", async () => {
  const fixture = hosted();
  const mark = join(fixture.projectDir, "has-died");
  const [slow, dies, echo] = await Promise.all([
    poll(fixture, "slow"),
    poll(fixture, "dies", { config: { mark } }),
    poll(fixture, "echo"),
  ]);
  expect(slow).toMatchObject({ kind: "error", failure: { reason: "timeout" } });
  expect(dies).toMatchObject({ kind: "done", output: { json: '"alive"' } });
  expect(echo).toMatchObject({ kind: "done" });
  expect(await poll(fixture, "dies-always")).toMatchObject({ kind: "error", failure: { reason: "process_exited" } });
  expect(await poll(fixture, "echo")).toMatchObject({ kind: "done" });
  expect(await poll(fixture, "unknown")).toMatchObject({
    ...{ kind: "error", failure: { message: 'The sensor host knows no kind "unknown".' } },
  });
});

test("WT-1: a host that hangs is ended, and what it had in hand is asked of a new one", async () => {
  const fixture = hosted({ settings: { clock: IMPATIENT } });
  expect(await poll(fixture, "blocks")).toMatchObject({ kind: "error", failure: { reason: "process_exited" } });
  expect(await poll(fixture, "echo")).toMatchObject({ kind: "done" });
});

test("WT-1: a connection without settings is an error that names it, and a closed executor looks for nothing", async () => {
  const fixture = hosted();
  expect(await poll(fixture, "needs")).toMatchObject({
    ...{ kind: "error", failure: { message: expect.stringContaining('needs the connection "missing"') } },
  });
  await fixture.executor.close();
  expect(await poll(fixture, "echo")).toMatchObject({ kind: "error", failure: { reason: "cancelled" } });
});

function hosted(options: Parameters<typeof setupExecutor>[1] = {}): ExecutorFixture {
  const kinds = ["echo", "slow", "dies", "dies-always", "blocks", "large", "unknown"];
  const times: Readonly<Record<string, object>> = {
    slow: { pollTimeoutMs: 300 },
    blocks: { pollTimeoutMs: BLOCKED_MS },
  };
  const tasks = Object.fromEntries(
    kinds.map((kind) => [
      kind,
      sensorTask({
        connections: kind === "echo" && options.settings?.connection !== undefined ? ["warehouse"] : [],
        sensor: { kind, ...times[kind] },
      }),
    ]),
  );
  const module = join(import.meta.dirname, "hosted-module-for-tests.ts");
  const needs = sensorTask({ connections: ["missing"], sensor: { kind: "echo" } });
  return setupExecutor(
    { ...tasks, needs },
    { ...options, settings: { sensorModule: `file://${module}`, ...options.settings } },
  );
}

function poll(
  { executor, order }: ExecutorFixture,
  task: string,
  more: { readonly config?: Json; readonly memory?: Json } = {},
  orderMore: Partial<AttemptOrder> = {},
): Promise<PollAnswer> {
  const written = order(task, orderMore);
  const { execution } = written.task;
  if (execution.via !== "sensor") throw new Error(`${task} is no sensor`);
  const asked: PollOrder = { order: written, sensor: execution.sensor, config: null, number: 1, now: NOW, ...more };
  return executor.poll(asked);
}
