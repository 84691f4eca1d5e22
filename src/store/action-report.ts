import type { Changes, TaskRunMove } from "./changes.ts";
import type { ActionDone, TouchedTaskRun } from "./operator-store.ts";
import type { TaskRunRow } from "./rows.ts";
import type { WorkingSet } from "./working-set.ts";

/** Everything that a set's changes touch, for whoever asked for them. */
export function actionReport(set: WorkingSet, changes: Changes): ActionDone {
  const stops = new Map(changes.stops.map(({ taskRunKey, kind }) => [taskRunKey, kind]));
  const made = changes.made.map((after): Touch => ({ move: { before: undefined, after } }));
  const moved = [...changes.moves.filter(isSeen).map((move): Touch => ({ move })), ...made];
  const stopped = [...stops].flatMap(([key, kind]): readonly Touch[] => {
    const row = set.taskRun(key);
    return row === undefined || kind === "timeout" ? [] : [{ move: { before: row, after: row }, stop: kind }];
  });
  return {
    kind: "done",
    runs: set.runs().flatMap(({ before, after }) => {
      return before.state === after.state ? [] : [{ runId: after.id, from: before.state, to: after.state }];
    }),
    taskRuns: [...moved, ...stopped].sort(inOrder).map((touch) => toTouched(set, touch)),
    deadLetters: [],
  };
}

/** What was decided for a task run that stays as it is, is nothing to tell. */
function isSeen({ before, after }: TaskRunMove): boolean {
  return before.state !== after.state || before.generation !== after.generation;
}

interface Touch {
  /** Without `before` it began with the action: an item of a map that was expanded. */
  readonly move: { readonly before: TaskRunRow | undefined; readonly after: TaskRunRow };
  readonly stop?: "cancel" | "kill";
}

function inOrder({ move: { after: one } }: Touch, { move: { after: other } }: Touch): number {
  return one.runKey - other.runKey || one.taskIndex - other.taskIndex || one.key - other.key;
}

function toTouched(set: WorkingSet, { move: { before, after }, stop }: Touch): TouchedTaskRun {
  return {
    runId: set.run(after.runKey).after.id,
    task: set.taskSpec(after).name,
    mapKey: after.mapKey,
    from: before?.state ?? null,
    to: after.state,
    ...(stop === undefined ? {} : { stop }),
  };
}
