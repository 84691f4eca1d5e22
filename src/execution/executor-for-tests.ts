import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { CommandSpec, PipelineSpec, SensorSpec, TaskSpec } from "../core/manifest.ts";
import { plainTask } from "../core/plain-task-for-tests.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import { systemClock } from "../ports/clock.ts";
import { localFiles } from "../ports/files.ts";
import { createExecutor, type LocalExecutor, type LocalExecutorSettings } from "./create-executor.ts";
import type { AttemptOrder, AttemptReport, AttemptResult } from "./executor.ts";
import { type LogStore, type LogStoreSettings, localLogs } from "./logs/log-store.ts";
import { graphHash } from "./project/graph-hash.ts";

/** What a test says of a task: its function as source text of the pipeline file, and what differs from a plain task. */
export interface FixtureTask extends Partial<TaskSpec> {
  /** Source text, such as `({ input }) => input.x + 1`. */
  readonly run?: string;
  readonly runIf?: string;
  readonly poll?: string;
  readonly doneWhen?: string;
  readonly cacheKey?: string;
  readonly retryIf?: string;
  readonly retryDelay?: string;
}

export interface ExecutorFixture {
  readonly executor: LocalExecutor;
  readonly logs: LogStore;
  readonly projectDir: string;
  /** Folder with the sources of the version. */
  readonly rootDir: string;
  readonly stateDir: string;
  /** Folder of the session, in which attempts have theirs. */
  readonly sessionDir: string;
  readonly sessionId: string;
  order(task: string, more?: Partial<AttemptOrder>): AttemptOrder;
  run(task: string, more?: Partial<AttemptOrder>): Promise<AttemptReport>;
  result(task: string, more?: Partial<AttemptOrder>): Promise<AttemptResult>;
  /** Texts of the log of the attempt that `order(task)` names: of its last 1,000 lines. */
  log(task: string, tag?: string): readonly string[];
  /** Resolves when any attempt prints or logs this, from now on. */
  said(text: string): Promise<void>;
}

export interface FixtureOptions {
  /** Source text above the definition. */
  readonly head?: string;
  readonly parseParams?: string;
  readonly settings?: Partial<LocalExecutorSettings>;
  readonly logs?: Partial<LogStoreSettings>;
}

const RUN_ID = "0197a0c0-0000-7000-8000-000000000001";
const VERSION = "v1";
const FILE = "pipelines/sample.ts";

let sessions = 0;

/** An executor over a project with one pipeline, written as a user would get it, without the SDK. */
export function setupExecutor(
  tasks: Readonly<Record<string, FixtureTask | string>>,
  { head = "", parseParams = "(raw) => raw", settings = {}, logs: logSettings = {} }: FixtureOptions = {},
): ExecutorFixture {
  const projectDir = mkdtempSync(join(tmpdir(), "batuta project "));
  const stateDir = join(projectDir, ".batuta");
  const rootDir = join(stateDir, "versions", VERSION);
  const fixtures = Object.entries(tasks).map(([name, task]): [string, FixtureTask] => [
    name,
    typeof task === "string" ? { run: task } : task,
  ]);
  const spec = pipelineSpec(fixtures);
  mkdirSync(join(rootDir, "pipelines"), { recursive: true });
  writeFileSync(join(rootDir, FILE), pipelineSource({ spec, fixtures, head, parseParams }));
  sessions += 1;
  const sessionId = `test-${process.pid}-${sessions}`;
  const files = localLogs({ folder: join(stateDir, "logs"), files: localFiles, clock: systemClock, ...logSettings });
  const { logs, said } = overheard(files);
  const executor = createExecutor({
    slots: 2,
    clock: systemClock,
    sessionId,
    projectDir,
    versionsDir: join(stateDir, "versions"),
    logs,
    blobsDir: join(stateDir, "values"),
    tempDir: join(stateDir, "tmp"),
    connection: () => undefined,
    ...settings,
  });
  onTestFinished(async () => {
    await executor.close();
    rmSync(projectDir, { recursive: true, force: true });
  });
  const order = (task: string, more: Partial<AttemptOrder> = {}): AttemptOrder => attemptOrder(spec, task, more);
  const run = (task: string, more?: Partial<AttemptOrder>): Promise<AttemptReport> =>
    executor.execute(order(task, more));
  return {
    executor,
    logs,
    projectDir,
    rootDir,
    stateDir,
    sessionDir: join(stateDir, "tmp", sessionId),
    sessionId,
    order,
    run,
    result: async (task, more) => (await run(task, more)).result,
    log: (task, tag) =>
      logs
        .tail(order(task), 1_000)
        .lines.filter((line) => tag === undefined || line.tag === tag)
        .map((line) => line.text),
    said,
  };
}

/** Lets a test wait for what a task says, in place of looking again and again. */
function overheard(files: LogStore): { readonly logs: LogStore; readonly said: ExecutorFixture["said"] } {
  const listeners = new Set<(text: string) => void>();
  const hear = (text: string): void => {
    for (const listener of listeners) listener(text);
  };
  const open: LogStore["open"] = (attempt) => {
    const log = files.open(attempt);
    return {
      bytes: (stream, data) => {
        log.bytes(stream, data);
        if (listeners.size > 0) hear(Buffer.from(data).toString());
      },
      line: (tag, text) => {
        log.line(tag, text);
        hear(text);
      },
      close: () => log.close(),
    };
  };
  const said = (wanted: string): Promise<void> =>
    new Promise((resolve) => {
      const listener = (text: string): void => {
        if (!text.includes(wanted)) return;
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
    });
  return { logs: { ...files, open }, said };
}

const ONE_RETRY: RetryPolicy = { limit: 1, delay: { kind: "fixed", ms: 0 }, jitter: 0 };

function pipelineSpec(fixtures: readonly (readonly [string, FixtureTask])[]): PipelineSpec {
  const tasks = fixtures.map(
    ([name, { run: _run, runIf, poll: _poll, doneWhen, cacheKey: _key, retryIf, retryDelay, ...more }]) => ({
      ...plainTask(name, { location: { file: FILE, line: 1 }, retries: ONE_RETRY }),
      hasDoneWhen: doneWhen !== undefined,
      ...(runIf === undefined ? {} : { hasRunIf: true as const }),
      hasRetryCode: retryIf !== undefined || retryDelay !== undefined,
      ...more,
    }),
  );
  const location = { file: FILE, line: 1 };
  const spec = { name: "sample", location, tags: [], timezone: "UTC", tasks };
  return { ...spec, graphHash: graphHash(spec) };
}

/** A task that runs this text with `/bin/sh`. */
export function shellTask(
  script: string,
  more: FixtureTask & { readonly command?: Partial<CommandSpec> } = {},
): FixtureTask {
  const { command, ...rest } = more;
  const argv = ["/bin/sh", "-c", script];
  return {
    kind: "shell",
    execution: { via: "process", command: { argv, env: {}, skipExitCode: 99, ...command } },
    ...rest,
  };
}

/** A sensor that looks by its function, `poll`, or in the sensor host where it has none. */
export function sensorTask(more: FixtureTask & { readonly sensor?: Partial<SensorSpec> }): FixtureTask {
  const { sensor, ...rest } = more;
  const spec: SensorSpec = {
    kind: "poll",
    by: rest.poll === undefined ? "host" : "function",
    config: null,
    pollEvery: { firstMs: 5_000, factor: 1, maxMs: 5_000 },
    timeoutMs: 3_600_000,
    onTimeout: "fail",
    pollTimeoutMs: 60_000,
    errorsMax: 10,
    ...sensor,
  };
  return { kind: spec.kind, execution: { via: "sensor", sensor: spec }, ...rest };
}

interface SourceParts {
  readonly spec: PipelineSpec;
  readonly fixtures: readonly (readonly [string, FixtureTask])[];
  readonly head: string;
  readonly parseParams: string;
}

/** Each function begins on a line of its own: the head has as many lines as it has. */
function pipelineSource({ spec, fixtures, head, parseParams }: SourceParts): string {
  const functions = fixtures.map(([name, { run, runIf, poll, doneWhen, cacheKey, retryIf, retryDelay }]) => {
    const parts = Object.entries({ run, runIf, poll, doneWhen, cacheKey, retryIf, retryDelay }).flatMap(
      ([key, source]) => (source === undefined ? [] : [`${key}: ${source}`]),
    );
    return `  [${JSON.stringify(name)}, { ${parts.join(", ")} }],`;
  });
  const { graphHash: _hash, ...own } = spec;
  return [
    `${head};`,
    "const functions = new Map([",
    ...functions,
    "] as any);",
    `const spec = ${JSON.stringify(own)};`,
    `export default { batuta: "pipeline", spec, functions, parseParams: ${parseParams} };`,
    "",
  ].join("\n");
}

function attemptOrder(spec: PipelineSpec, name: string, more: Partial<AttemptOrder>): AttemptOrder {
  const index = spec.tasks.findIndex((task) => task.name === name);
  const task = spec.tasks[index];
  if (task === undefined) throw new Error(`The fixture has no task ${name}.`);
  return {
    runId: RUN_ID,
    taskRunKey: index + 1,
    generation: 1,
    attempt: 1,
    token: 1,
    project: "test",
    pipeline: spec.name,
    versionHash: VERSION,
    graphHash: spec.graphHash,
    pipelineFile: FILE,
    task,
    mapKey: "",
    trigger: "manual",
    interval: { start: Date.UTC(2026, 0, 1), end: Date.UTC(2026, 0, 2) },
    timezone: "UTC",
    ds: "2026-01-01",
    params: {},
    input: {},
    idempotencyKey: `key-${index}`,
    askFirst: false,
    ...more,
  };
}
