import type { Instant } from "../../core/instant.ts";
import { scopesOf } from "../../core/task-scopes.ts";
import type { ForeseenRun } from "./foresee.ts";
import type { ForeseenProject } from "./foreseen-project.ts";
import { runsItself } from "./task-times.ts";

/** An attempt that was run ahead of time, with the limits it had to keep. */
export interface ForeseenAttempt {
  readonly of: ForeseenRun;
  readonly task: string;
  readonly queuedAt: Instant;
  /** When it starts, and when it ends; the end of the look ahead when it does not start before that. */
  readonly from: Instant;
  readonly to: Instant;
  readonly limits: readonly LimitShare[];
}

export interface LimitShare {
  /** `pool:warehouse`, `tag:heavy`, `task:daily/load` …, `slots` of the engine. */
  readonly name: string;
  readonly slots: number;
  readonly weight: number;
}

/** The scope of the engine's own slots. */
const ENGINE_SLOTS = "slots";

/** Of all runs, in the order in which they start. */
export function foreseenAttempts(runs: readonly ForeseenRun[], foreseen: ForeseenProject): readonly ForeseenAttempt[] {
  const set = new Map(foreseen.overrides.map(({ name, override }) => [name, override]));
  const left = new Map(foreseen.begun.map(({ run, leftMs }) => [run.id, leftMs]));
  const attempts = runs.flatMap((of) =>
    of.taskRuns.flatMap((row): readonly ForeseenAttempt[] => {
      const task = of.pipeline.tasks[row.taskIndex];
      if (task === undefined || !runsItself(task) || row.queuedAt === undefined) return [];
      const { startedAt: from = foreseen.to } = row;
      const ms = left.get(of.run.id)?.get(task.name) ?? foreseen.times.of(of.pipeline.name, task.name);
      const to = row.finishedAt ?? (row.startedAt === undefined ? foreseen.to : from + ms);
      const declared = scopesOf(task, of.pipeline, foreseen.manifest, of.run);
      const limits = declared.flatMap(({ name, slots: said, weight }): readonly LimitShare[] => {
        const slots = set.get(name) ?? said;
        return slots === undefined ? [] : [{ name, slots, weight }];
      });
      const engine = { name: ENGINE_SLOTS, slots: foreseen.slots, weight: 1 };
      return [{ of, task: task.name, queuedAt: row.queuedAt, from, to, limits: [...limits, engine] }];
    }),
  );
  return attempts.sort((one, other) => one.from - other.from);
}
