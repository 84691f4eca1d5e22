import type { AttemptOrder, InputValue, ItemValue, PollOrder } from "../executor.ts";
import type { AskFirstOrder, CacheKeyOrder, PollFacts, RunFacts, RunOrder } from "./messages.ts";

/** What an order says beside the order of the engine. */
export interface OrderExtras {
  /** The process has heard of this run in the order before. */
  readonly runIsKnown: boolean;
  readonly connections: Readonly<Record<string, string>>;
}

/** The message for one attempt, as short as can be: a process knows the tasks, and the run when it is the same. */
export function runOrderText(order: AttemptOrder, extras: OrderExtras): string {
  const message: RunOrder = { kind: "run", ...taskFacts(order, extras), ...(order.askFirst ? { ask: true } : {}) };
  return withValues(JSON.stringify(message), order);
}

/** The message that asks `runIf` and `doneWhen` alone. */
export function askFirstOrderText(order: AttemptOrder, extras: OrderExtras): string {
  const message: AskFirstOrder = { kind: "ask_first", ...taskFacts(order, extras) };
  return withValues(JSON.stringify(message), order);
}

/** The message that asks the key function of the cache. */
export function cacheKeyOrderText(order: AttemptOrder, extras: OrderExtras): string {
  const message: CacheKeyOrder = { kind: "cache_key", ...taskFacts(order, extras) };
  return withValues(JSON.stringify(message), order);
}

/** The message that lets sensors of one pipeline look; each says its run itself. */
export function pollsOrderText(polls: readonly ConnectedPoll[]): string {
  const texts = polls.map(({ poll: { order, sensor, config, memory, now }, connections }) => {
    const facts: PollFacts = {
      ...taskFacts(order, { runIsKnown: false, connections }),
      ...{ config, now, pollTimeoutMs: sensor.pollTimeoutMs },
      ...(memory === undefined ? {} : { memory }),
    };
    return withValues(JSON.stringify(facts), order);
  });
  return `{"kind":"poll","polls":[${texts.join(",")}]}`;
}

export interface ConnectedPoll {
  readonly poll: PollOrder;
  readonly connections: Readonly<Record<string, string>>;
}

function taskFacts(order: AttemptOrder, { runIsKnown, connections }: OrderExtras): Omit<RunOrder, "kind"> {
  const { task, runId, taskRunKey, generation, attempt, idempotencyKey, mapKey, labelPaths } = order;
  return {
    task: task.name,
    runId,
    taskRunKey,
    generation,
    attempt,
    idempotencyKey,
    ...(mapKey === "" ? {} : { mapKey }),
    ...(labelPaths === undefined ? {} : { labelPaths }),
    ...(runIsKnown ? {} : { run: runFacts(order) }),
    ...(task.connections.length === 0 ? {} : { connections }),
  };
}

export function runFacts(order: AttemptOrder): RunFacts {
  const { runId, trigger, interval, isPartial, schedule, timezone, ds, params, lastSuccess, events } = order;
  return {
    ...{ id: runId, trigger, interval, timezone, ds, params },
    ...(isPartial === undefined ? {} : { isPartial }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
    ...(events === undefined ? {} : { events }),
  };
}

/** Values are JSON text already: they go in as they are, so that the process parses everything at once. */
function withValues(message: string, { input, item, cursor }: AttemptOrder): string {
  const fields = Object.entries(input).map(([name, value]) => `${JSON.stringify(name)}:${inputText(value)}`);
  const values = [
    ...(fields.length === 0 ? [] : [`"input":{${fields.join(",")}}`]),
    ...(item === undefined ? [] : [`"item":${itemFactText(item)}`]),
    ...(cursor === undefined ? [] : [`"cursor":{"name":${JSON.stringify(cursor.name)},"value":${cursor.json}}`]),
  ];
  return values.length === 0 ? message : `${message.slice(0, -1)},${values.join(",")}}`;
}

function itemFactText(item: ItemValue): string {
  if (item.kind === "inline") return `{"value":${item.json}}`;
  if (item.kind === "in_blob") throw new Error(`Nobody has looked for item ${item.index} in ${item.hash}.`);
  return `{"blob":"${item.hash}","offset":${item.offset},"bytes":${item.bytes}}`;
}

function inputText({ state, value, mapped }: InputValue): string {
  if (mapped !== undefined) {
    const { file, length } = mapped;
    return `{"state":"${state}","mapped":${JSON.stringify({ file, length })}}`;
  }
  if (value === undefined) return `{"state":"${state}"}`;
  if (value.kind === "blob") return `{"state":"${state}","blob":"${value.hash}"}`;
  return `{"state":"${state}","value":${value.json}}`;
}
