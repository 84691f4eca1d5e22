import type { Json } from "../core/json.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { parseJson } from "../core/serialize-value.ts";
import { shownTaskRuns, taskRunName } from "../core/shown-task-runs.ts";
import type { StoredValue } from "../core/value.ts";
import type { BlobStore } from "../execution/blobs.ts";
import type { AttemptRecord, RunId, RunRecord, Store, TaskRunRecord } from "../store/store.ts";
import type { AttemptFacts, PipelineRunFacts, TaskRunFacts } from "./pipeline-run.ts";

export interface FactSources {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly pipeline: PipelineSpec;
  readonly logOf: (taskRun: string) => readonly string[];
}

/** What the store says of a run that has ended. */
export async function readFacts(sources: FactSources, id: RunId): Promise<PipelineRunFacts> {
  const { store, pipeline } = sources;
  const run = await store.run(id);
  if (run === undefined) throw new Error(`Run ${id} is not in the store.`);
  const attempts = Map.groupBy(await store.attempts(id), placeOf);
  const rows = shownTaskRuns(pipeline, await store.taskRuns(id));
  const outputs = await store.values(
    rows.map(({ key }) => key),
    Number.POSITIVE_INFINITY,
  );
  const tasks: TaskRunFacts[] = [];
  for (const [index, row] of rows.entries()) {
    const ownAttempts = (attempts.get(placeOf(row)) ?? []).map((attempt) => attemptFacts(attempt, run));
    tasks.push(await taskFacts(sources, row, { output: outputs[index], attempts: ownAttempts }));
  }
  const moved = await store.cursors(run.project, run.pipeline);
  const cursors = Object.fromEntries(moved.map(({ name, value }) => [name, value]));
  return { pipeline: run.pipeline, state: run.state, ds: run.ds, params: run.params, tasks, cursors };
}

function placeOf({ taskIndex, mapKey }: Pick<TaskRunRecord, "taskIndex" | "mapKey">): string {
  return `${taskIndex}/${mapKey}`;
}

interface Happened {
  readonly output: StoredValue | undefined;
  readonly attempts: readonly AttemptFacts[];
}

async function taskFacts(sources: FactSources, row: TaskRunRecord, happened: Happened): Promise<TaskRunFacts> {
  const task = sources.pipeline.tasks[row.taskIndex]?.name ?? "";
  const name = taskRunName(task, row.mapKey);
  return {
    name,
    task,
    mapKey: row.mapKey,
    ...(row.label === undefined ? {} : { label: row.label }),
    state: row.state,
    ...(row.reason === undefined ? {} : { reason: row.reason }),
    ...(row.failure === undefined ? {} : { failure: row.failure }),
    output: happened.output === undefined ? undefined : await readValue(happened.output, sources.blobs),
    attempts: happened.attempts,
    log: sources.logOf(name),
  };
}

async function readValue(value: StoredValue, blobs: BlobStore): Promise<Json> {
  return parseJson(value.kind === "inline" ? value.json : await blobs.get(value.hash));
}

function attemptFacts(record: AttemptRecord, run: RunRecord): AttemptFacts {
  const { attempt, outcome, startedAt, finishedAt, failure } = record;
  return {
    attempt,
    outcome: outcome ?? "running",
    startedAfterMs: startedAt - run.createdAt,
    durationMs: (finishedAt ?? startedAt) - startedAt,
    ...(failure === undefined ? {} : { failure }),
  };
}
