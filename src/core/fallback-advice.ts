import type { Advice } from "./advice.ts";
import { isJunction } from "./junction.ts";
import type { PipelineSpec, TaskSpec } from "./manifest.ts";
import type { TriggerRule } from "./trigger-rule.ts";

/**
 * RS-1: a task whose failure another one makes up for, and after either of which a third goes on. The run fails all the
 * same, unless the first one has `allowFailure`. A task that only tells of a failure, or cleans up, hides none, and
 * nothing is said of it.
 */
export function fallbackAdvice({ tasks }: Pick<PipelineSpec, "tasks">): readonly Advice[] {
  const advised = new Set<number>();
  return tasks.flatMap((join) => {
    if (!GOES_ON_AFTER_EITHER.includes(join.when)) return [];
    return join.upstream
      .flatMap((fallback) => replacedBy(fallback, join, tasks))
      .flatMap(({ index, fallback }) => {
        const task = tasks[index];
        if (task === undefined || advised.has(index)) return [];
        advised.add(index);
        return [advice(task, fallback, join)];
      });
  });
}

const GOES_ON_AFTER_EITHER: readonly TriggerRule[] = ["one_success", "all_done_min_one_success"];
const RUNS_AFTER_FAILURE: readonly TriggerRule[] = ["one_failed", "all_failed"];

interface Replaced {
  readonly index: number;
  readonly fallback: TaskSpec;
}

function replacedBy(index: number, join: TaskSpec, tasks: readonly TaskSpec[]): readonly Replaced[] {
  const fallback = tasks[index];
  if (fallback === undefined || !RUNS_AFTER_FAILURE.includes(fallback.when)) return [];
  return fallback.upstream.flatMap((from) => {
    const task = tasks[from];
    const isReplaced = task !== undefined && !task.allowFailure && !isJunction(task) && join.upstream.includes(from);
    return isReplaced ? [{ index: from, fallback }] : [];
  });
}

function advice({ name, location }: TaskSpec, fallback: TaskSpec, join: TaskSpec): Advice {
  return {
    location,
    message: `When "${name}" fails, "${fallback.name}" stands in for it and "${join.name}" goes on, but the run fails all the same.`,
    hint: `Write allowFailure: true in the options of "${name}" if such a run is a success.`,
  };
}
