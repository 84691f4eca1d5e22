import { isJunction } from "../core/junction.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { findByName } from "./name-reference.ts";

/** A task that a person means, and which of its task runs when it is mapped. */
export interface TaskReference {
  readonly task: number;
  /** Absent means all of them. */
  readonly mapKey?: string;
}

/** `load`, the beginning of its name, or `load[3]` for one item of a map. */
export function findTask({ tasks }: Pick<PipelineSpec, "tasks">, reference: string): TaskReference {
  const [, name = reference, mapKey] = /^(.*)\[(\d+(?:\.\d+)*)\]$/.exec(reference) ?? [];
  const visible = tasks.flatMap((task, index) => (isJunction(task) ? [] : [{ index, name: task.name }]));
  const found = findByName(
    "task",
    name,
    visible.map((task) => task.name),
  );
  return { task: visible[found]?.index ?? -1, ...(mapKey === undefined ? {} : { mapKey }) };
}
