import type { TaskSpec } from "../../core/manifest.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { mayStartWithoutSuccess } from "../../core/trigger-rule.ts";
import type { Files } from "../../ports/files.ts";
import type { BlobStore } from "../blobs.ts";
import { MappedInput } from "./mapped-input.ts";
import type { InputFact, TaskFacts } from "./messages.ts";

/** The inputs as the task sees them: values, or outcomes where its rule lets it start without an upstream's success. */
export function attemptInputs(
  { input }: TaskFacts,
  task: TaskSpec,
  stores: ValueStores,
): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>> {
  if (input === undefined) return NO_INPUT;
  const facts = Object.entries(input);
  if (facts.some(([, fact]) => fact.blob !== undefined)) return withBlobs(facts, task, stores);
  return shaped(facts, task, stores);
}

export interface ValueStores {
  readonly blobs: BlobStore;
  readonly files: Files;
}

const NO_INPUT: Readonly<Record<string, unknown>> = Object.freeze({});

async function withBlobs(
  facts: readonly (readonly [string, InputFact])[],
  task: TaskSpec,
  stores: ValueStores,
): Promise<Readonly<Record<string, unknown>>> {
  const read: [string, InputFact][] = [];
  for (const [name, fact] of facts) {
    const { state, blob } = fact;
    read.push([name, blob === undefined ? fact : { state, value: parseJson(await stores.blobs.get(blob)) }]);
  }
  return shaped(read, task, stores);
}

function shaped(
  facts: readonly (readonly [string, InputFact])[],
  task: TaskSpec,
  stores: ValueStores,
): Readonly<Record<string, unknown>> {
  const shape = mayStartWithoutSuccess(task.when) ? givenOutcome : givenValue;
  return Object.fromEntries(
    facts.map(([name, fact]) => {
      const { mapped } = fact;
      if (mapped === undefined) return [name, shape(fact)];
      return [name, new MappedInput(mapped.length, { ...stores, file: mapped.file, shaped: shape })];
    }),
  );
}

/** A task that succeeded without a value has given `null`, as JSON does for `undefined`. */
function givenValue({ value = null }: InputFact): unknown {
  return value;
}

function givenOutcome({ state, value = null }: InputFact): unknown {
  return state === "success" ? { state, value } : { state };
}
