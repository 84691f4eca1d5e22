import type { PipelineSpec, SensorSpec, TaskSpec } from "../../../core/manifest.ts";
import type { PollAnswer, PollOrder } from "../../../execution/executor.ts";
import type { Dice } from "../world/dice.ts";
import { drawAwaited } from "./draw-events.ts";

const PIPELINES = 0.4;
const TASKS = 0.3;
const EVENTS = 0.6;
const TIMEOUT_MS_LEAST = 5_000;
const TIMEOUT_MS_MOST = 600_000;
const POLL_EVERY_MS_MOST = 20_000;
const POLL_TIMEOUT_MS = 10_000;
const POLL_MS_MOST = 3_000;

/** Some tasks that do work wait for something in place of it (WT-1); for events where some are sent. */
export function withSensors(pipeline: PipelineSpec, sends: boolean, dice: Dice): PipelineSpec {
  if (!dice.chance(PIPELINES)) return pipeline;
  const tasks = pipeline.tasks.map((task, index) => {
    const own = dice.split(index);
    const mayWait = task.execution.via === "function" && task.decides === undefined && task.isMapSource === undefined;
    return mayWait && own.chance(TASKS) ? sensorTask(task, sends, own) : task;
  });
  return { ...pipeline, tasks };
}

/** What is about attempts, or about slots, is an error of a sensor. */
function sensorTask(task: TaskSpec, sends: boolean, dice: Dice): TaskSpec {
  const {
    timeoutMs: _timeout,
    totalTimeoutMs: _total,
    concurrency: _concurrency,
    pools: _pools,
    keyed: _keyed,
    rateLimit: _rate,
    dependsOnPast: _past,
    hasRunIf: _runIf,
    doneWhenAsset: _asset,
    cache: _cache,
    cursor: _cursor,
    deadlines: _deadlines,
    ...rest
  } = task;
  const firstMs = dice.span(500, POLL_EVERY_MS_MOST);
  const sensor: SensorSpec = {
    ...(sends && dice.split("event").chance(EVENTS)
      ? { kind: "event", by: "store", config: drawAwaited(dice.split("awaited")) }
      : { kind: "poll", by: "function", config: null }),
    pollEvery: { firstMs, factor: dice.pick([1, 1.5, 3]), maxMs: Math.max(firstMs, POLL_EVERY_MS_MOST) },
    timeoutMs: dice.span(TIMEOUT_MS_LEAST, TIMEOUT_MS_MOST),
    onTimeout: dice.pick(["fail", "skip"]),
    pollTimeoutMs: POLL_TIMEOUT_MS,
    errorsMax: dice.pick([1, 3, 10]),
  };
  return { ...rest, hasDoneWhen: false, hasRetryCode: false, execution: { via: "sensor", sensor } };
}

/** What one look finds, and how long it takes: the same whoever looks. */
export function pollBehaviour(
  { order, number }: PollOrder,
  dice: Dice,
): { readonly answer: PollAnswer; readonly ms: number } {
  const wait = dice.split(`${order.runId}/${order.task.name}/${order.mapKey}/${order.generation}`);
  const trouble = wait.pick([0, 0.3, 2]);
  const own = wait.split(number);
  const kind = own.weighted({
    not_yet: wait.pick([0, 1, 20]),
    done: 1,
    error: trouble,
    failed: trouble / 8,
    skipped: trouble / 8,
    late: trouble / 4,
  });
  if (kind === "late") return { answer: LATE, ms: POLL_TIMEOUT_MS };
  return { answer: ANSWERS[kind], ms: own.span(1, POLL_MS_MOST) };
}

const TROUBLE = { reason: "error", message: "Simulated trouble." } as const;

const LATE: PollAnswer = { kind: "error", failure: { reason: "timeout", message: "It never answered." } };

const ANSWERS: Readonly<Record<"not_yet" | "done" | "error" | "failed" | "skipped", PollAnswer>> = {
  not_yet: { kind: "not_yet", seen: "nothing", memory: 1 },
  done: { kind: "done", output: { kind: "inline", json: '"found"' } },
  error: { kind: "error", failure: TROUBLE },
  failed: { kind: "failed", failure: { ...TROUBLE, reason: "fatal" } },
  skipped: { kind: "skipped", reason: "nothing comes today" },
};
