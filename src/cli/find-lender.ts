import type { DataInterval } from "../core/instant.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { innermostMap } from "../core/map-source.ts";
import { BatutaError } from "../core/problem.ts";
import type { RunRecord, Store } from "../store/store.ts";

/** Earlier runs that are looked at; who wants an older one names its date. */
const LOOKED_AT_MAX = 200;

export interface Borrower {
  readonly project: string;
  readonly pipeline: PipelineSpec;
  /** Index of the task that is to run alone. */
  readonly task: number;
  readonly interval: DataInterval;
}

/**
 * The earlier run whose outputs a task that runs alone receives: the newest one of the same interval, else the newest,
 * in which all its inputs have succeeded. Undefined when the task has no inputs; throws `not_found` when no run fits, and
 * `usage` for a member of a mapped group, which is nothing without its group.
 */
export async function findLender(
  store: Pick<Store, "runs" | "version" | "taskRuns">,
  { project, pipeline, task, interval }: Borrower,
): Promise<RunRecord | undefined> {
  const inputs = sourcesOf(pipeline, task);
  if (inputs.length === 0) return undefined;
  const runs = await store.runs({ project, pipeline: pipeline.name, limit: LOOKED_AT_MAX });
  const sameInterval = runs.filter((run) => isEqual(run.interval, interval));
  const others = runs.filter((run) => !isEqual(run.interval, interval));
  for (const run of [...sameInterval, ...others]) if (await canLend(store, run, { pipeline, inputs })) return run;
  const names = inputs.map((index) => pipeline.tasks[index]?.name).join(", ");
  throw new BatutaError("not_found", `No earlier run has the inputs of ${pipeline.tasks[task]?.name}: ${names}.`, {
    hint: `Run the whole pipeline once: batuta run ${pipeline.name}.`,
  });
}

/** What it receives, and the list that it goes over. */
function sourcesOf(pipeline: PipelineSpec, index: number): readonly number[] {
  const task = pipeline.tasks[index];
  if (task === undefined) return [];
  const map = innermostMap(pipeline, index);
  if (map !== task.map) {
    throw new BatutaError("usage", `${task.name} is one of many in a mapped group, and cannot run alone.`, {
      hint: `Run the whole pipeline: batuta run ${pipeline.name}.`,
    });
  }
  const list = map?.over.kind === "task" ? [map.over.index] : [];
  return [...new Set([...Object.values(task.input), ...list])];
}

async function canLend(
  store: Pick<Store, "version" | "taskRuns">,
  run: RunRecord,
  { pipeline, inputs }: { readonly pipeline: PipelineSpec; readonly inputs: readonly number[] },
): Promise<boolean> {
  const version = await store.version(run.versionHash);
  const then = version?.manifest.pipelines.find(({ name }) => name === run.pipeline);
  // Outputs are kept by index, so the index has to mean the same task as it does now.
  if (!inputs.every((index) => then?.tasks[index]?.name === pipeline.tasks[index]?.name)) return false;
  // Of a mapped task all items have to have succeeded.
  const bad = await store.taskRuns(run.id, { taskIndexes: inputs, states: ["failed", "upstream_failed", "cancelled"] });
  if (bad.length > 0) return false;
  const rows = await store.taskRuns(run.id, { taskIndexes: inputs, states: ["success"] });
  return new Set(rows.map((row) => row.taskIndex)).size === inputs.length;
}

function isEqual(one: DataInterval, other: DataInterval): boolean {
  return one.start === other.start && one.end === other.end;
}
