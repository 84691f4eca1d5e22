import { isJunction } from "../core/junction.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import type { TaskSelector } from "../core/task-selection.ts";
import { findByName } from "./name-reference.ts";

/** What a person names: tasks and groups by their names or the beginnings of them, one item of a map as `load[3]`. */
export function taskSelectors({ tasks, groups = [] }: PipelineSpec, words: readonly string[]): readonly TaskSelector[] {
  const names = [...tasks.filter((task) => !isJunction(task)), ...groups].map(({ name }) => name);
  return words.map((word) => {
    const [, start = word, mapKey] = /^(.*)\[(\d+(?:\.\d+)*)\]$/.exec(word) ?? [];
    const name = names[findByName("task or group", start, names)] ?? start;
    return { name, ...(mapKey === undefined ? {} : { mapKey }) };
  });
}
