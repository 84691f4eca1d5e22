import type { AttemptOrder, InputValue } from "../executor.ts";
import type { AskFirstOrder, CacheKeyOrder, RunFacts, RunOrder } from "./messages.ts";

/** What an order says beside the order of the engine. */
export interface OrderExtras {
  /** The process has heard of this run in the order before. */
  readonly runIsKnown: boolean;
  readonly connections: Readonly<Record<string, string>>;
}

/** The message for one attempt, as short as can be: a process knows the tasks, and the run when it is the same. */
export function runOrderText(order: AttemptOrder, extras: OrderExtras): string {
  const message: RunOrder = { kind: "run", ...taskFacts(order, extras), ...(order.askFirst ? { ask: true } : {}) };
  return withInput(JSON.stringify(message), order.input);
}

/** The message that asks `runIf` and `doneWhen` alone. */
export function askFirstOrderText(order: AttemptOrder, extras: OrderExtras): string {
  const message: AskFirstOrder = { kind: "ask_first", ...taskFacts(order, extras) };
  return withInput(JSON.stringify(message), order.input);
}

/** The message that asks the key function of the cache. */
export function cacheKeyOrderText(order: AttemptOrder, extras: OrderExtras): string {
  const message: CacheKeyOrder = { kind: "cache_key", ...taskFacts(order, extras) };
  return withInput(JSON.stringify(message), order.input);
}

function taskFacts(order: AttemptOrder, { runIsKnown, connections }: OrderExtras): Omit<RunOrder, "kind"> {
  const { task, runId, taskRunKey, generation, attempt, idempotencyKey, mapKey } = order;
  return {
    task: task.name,
    runId,
    taskRunKey,
    generation,
    attempt,
    idempotencyKey,
    ...(mapKey === "" ? {} : { mapKey }),
    ...(runIsKnown ? {} : { run: runFacts(order) }),
    ...(task.connections.length === 0 ? {} : { connections }),
  };
}

function runFacts({ runId, trigger, interval, timezone, ds, params }: AttemptOrder): RunFacts {
  return { id: runId, trigger, interval, timezone, ds, params };
}

/** Values are JSON text already: they go in as they are, so that the process parses everything at once. */
function withInput(message: string, input: Readonly<Record<string, InputValue>>): string {
  const fields = Object.entries(input).map(([name, value]) => `${JSON.stringify(name)}:${inputText(value)}`);
  return fields.length === 0 ? message : `${message.slice(0, -1)},"input":{${fields.join(",")}}}`;
}

function inputText({ state, value }: InputValue): string {
  if (value === undefined) return `{"state":"${state}"}`;
  if (value.kind === "blob") return `{"state":"${state}","blob":"${value.hash}"}`;
  return `{"state":"${state}","value":${value.json}}`;
}
