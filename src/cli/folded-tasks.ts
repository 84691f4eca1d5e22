import { stateOfMany } from "../core/state-of-many.ts";
import type { TaskReport } from "./run-report.ts";
import { stateLabel } from "./terminal/state-style.ts";

/** Tasks with one line each: of a mapped task, what all of its task runs came to. */
export function foldedTasks(tasks: readonly TaskReport[]): readonly TaskReport[] {
  const byTask = Map.groupBy(tasks, ({ task, name }) => task ?? name);
  return [...byTask].map(([name, those]) => {
    const [first] = those;
    return first === undefined || first.task === undefined ? (first ?? NOTHING) : folded(name, those);
  });
}

const NOTHING: TaskReport = { name: "", state: "success", attempts: 0 };

function folded(name: string, items: readonly TaskReport[]): TaskReport {
  const byState = Map.groupBy(items, ({ state }) => state);
  const usages = items.filter(({ cpuMs }) => cpuMs !== undefined);
  const reason =
    byState.size === 1
      ? `${items.length.toLocaleString("en")} items`
      : [...byState].map(([state, those]) => `${those.length.toLocaleString("en")} ${stateLabel(state)}`).join(", ");
  return {
    name,
    state: stateOfMany((state) => byState.has(state)),
    attempts: items.reduce((sum, { attempts }) => sum + attempts, 0),
    ...spanOf(items),
    ...(usages.length === 0 ? {} : { cpuMs: usages.reduce((sum, { cpuMs = 0 }) => sum + cpuMs, 0) }),
    ...(usages.length === 0
      ? {}
      : { peakMemoryBytes: usages.reduce((most, { peakMemoryBytes = 0 }) => Math.max(most, peakMemoryBytes), 0) }),
    reason,
  };
}

/** From the first start to the last end. */
function spanOf(items: readonly TaskReport[]): { readonly durationMs?: number } {
  let [start, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { startedAt, finishedAt } of items) {
    if (startedAt !== undefined) start = Math.min(start, Date.parse(startedAt));
    if (finishedAt !== undefined) end = Math.max(end, Date.parse(finishedAt));
  }
  return end < start ? {} : { durationMs: end - start };
}
