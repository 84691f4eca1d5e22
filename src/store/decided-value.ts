import type { Json } from "../core/json.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { type ListedItems, labelPathsOver, listItems } from "../core/map-source.ts";
import type { RunDecision } from "../core/run-decision.ts";
import type { StoredValue } from "../core/value.ts";
import { decideByValue, type ValueDecision } from "../core/value-decision.ts";
import type { TaskRunRow } from "./rows.ts";
import type { CompletionResult } from "./store.ts";
import type { WorkingSet } from "./working-set.ts";

/** A success whose value decides about others, and cannot be understood, is a failure that no retry mends. */
export function decidedResult(set: WorkingSet, row: TaskRunRow, result: CompletionResult): CompletionResult {
  if (result.kind !== "success") return result;
  const decided = decide(set, row, result.output);
  if (decided.kind === "decided") return result;
  const { message, hint } = decided;
  return { kind: "failed", failure: { reason: "invalid_output", message, hint } };
}

/** What the value of a task run that succeeds decides about others. */
export function decisionOf(set: WorkingSet, row: TaskRunRow, output: StoredValue | undefined): RunDecision | null {
  const decided = decide(set, row, output);
  return decided.kind === "decided" ? decided.decision : null;
}

function decide(set: WorkingSet, row: TaskRunRow, output: StoredValue | undefined): ValueDecision {
  const { pipeline } = set.run(row.runKey);
  if (pipeline.spec.tasks[row.taskIndex]?.decides === undefined) return { kind: "decided", decision: null };
  if (output?.kind === "blob") {
    return {
      kind: "invalid",
      message: `The decision is ${output.bytes} bytes long.`,
      hint: "Return a name or a boolean.",
    };
  }
  return decideByValue(pipeline, row.taskIndex, output === undefined ? null : (JSON.parse(output.json) as Json));
}

/** How many items a value has that a map goes over, and what they are called; null for all other values. */
export function listedItems(
  spec: PipelineSpec,
  index: number,
  output: StoredValue,
  counted: ListedItems | undefined,
): { readonly items: number | null; readonly labels: string | null } {
  if (spec.tasks[index]?.isMapSource !== true) return { items: null, labels: null };
  const listed = counted ?? countedItems(spec, index, output);
  if (listed === undefined) return { items: null, labels: null };
  return { items: listed.count, labels: listed.labels === undefined ? null : JSON.stringify(listed.labels) };
}

function countedItems(spec: PipelineSpec, index: number, output: StoredValue): ListedItems | undefined {
  if (output.kind === "blob") return undefined;
  return listItems(JSON.parse(output.json) as Json, labelPathsOver(spec, index));
}
