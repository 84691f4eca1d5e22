import type { PipelineSpec } from "../core/manifest.ts";
import type { TaskRunState } from "../core/state.ts";
import { explainTaskRun, type StateReason } from "../core/waiting-reason.ts";
import { findExecutor } from "../engine/orphans.ts";
import type { Clock } from "../ports/clock.ts";
import type { RunRecord, Store } from "../store/store.ts";
import { hostProcesses } from "./host-processes.ts";

export interface ExplainedTask {
  readonly index: number;
  readonly name: string;
  readonly state: TaskRunState;
  readonly reasons: readonly StateReason[];
}

/** Why each task of a run is in its state, in the order of the pipeline. */
export async function explainTasks(
  store: Pick<Store, "taskRuns" | "lanes" | "sessions" | "now">,
  clock: Clock,
  { run, pipeline }: { readonly run: RunRecord; readonly pipeline: PipelineSpec },
): Promise<readonly ExplainedTask[]> {
  const rows = await store.taskRuns(run.id);
  const states = new Map(rows.map((row) => [row.taskIndex, row.state] as const));
  const lanes = new Map((await store.lanes()).map((lane) => [lane.id, lane] as const));
  const isRunning = (await findExecutor(store, hostProcesses(clock), run)) !== undefined;
  const now = await store.now();
  return [...rows]
    .sort((one, other) => one.taskIndex - other.taskIndex)
    .map((row) => {
      const upstream = (pipeline.tasks[row.taskIndex]?.upstream ?? []).flatMap((index) => {
        const state = states.get(index);
        return state === undefined ? [] : [[index, state] as const];
      });
      const lane = row.state === "queued" ? lanes.get(row.laneId) : undefined;
      const reasons = explainTaskRun({
        taskRun: row,
        tasks: pipeline.tasks,
        upstream: new Map(upstream),
        runState: run.state,
        ...(lane === undefined ? {} : { lane }),
        engine: { isRunning },
        now,
      });
      return {
        index: row.taskIndex,
        name: pipeline.tasks[row.taskIndex]?.name ?? `task ${row.taskIndex}`,
        state: row.state,
        reasons,
      };
    });
}
