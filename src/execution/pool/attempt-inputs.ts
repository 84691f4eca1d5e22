import type { TaskSpec } from "../../core/manifest.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { mayStartWithoutSuccess } from "../../core/trigger-rule.ts";
import type { BlobStore } from "../blobs.ts";
import type { InputFact, TaskFacts } from "./messages.ts";

/** The inputs as the task sees them: values, or outcomes where its rule lets it start without an upstream's success. */
export function attemptInputs(
  { input }: TaskFacts,
  task: TaskSpec,
  blobs: BlobStore,
): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>> {
  if (input === undefined) return NO_INPUT;
  const facts = Object.entries(input);
  if (facts.some(([, fact]) => fact.blob !== undefined)) return withBlobs(facts, task, blobs);
  return shaped(facts, task);
}

const NO_INPUT: Readonly<Record<string, unknown>> = Object.freeze({});

async function withBlobs(
  facts: readonly (readonly [string, InputFact])[],
  task: TaskSpec,
  blobs: BlobStore,
): Promise<Readonly<Record<string, unknown>>> {
  const read: [string, InputFact][] = [];
  for (const [name, fact] of facts) {
    const { state, blob } = fact;
    read.push([name, blob === undefined ? fact : { state, value: parseJson(await blobs.get(blob)) }]);
  }
  return shaped(read, task);
}

/** A task that succeeded without a value has given `null`, as JSON does for `undefined`. */
function shaped(facts: readonly (readonly [string, InputFact])[], task: TaskSpec): Readonly<Record<string, unknown>> {
  const outcomes = mayStartWithoutSuccess(task.when);
  return Object.fromEntries(
    facts.map(([name, { state, value = null }]) => {
      if (!outcomes) return [name, value];
      return [name, state === "success" ? { state, value } : { state }];
    }),
  );
}
