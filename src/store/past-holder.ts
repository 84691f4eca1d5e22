import { WAITS_FOR_PAST } from "../core/past-wait.ts";
import { isFinished, type RunState } from "../core/state.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import type { PastHolder } from "./past-records.ts";
import type { PastPlace } from "./past-rows.ts";
import { toRunRecord } from "./records.ts";
import type { TaskRunRow } from "./rows.ts";
import type { RunId } from "./run-id.ts";
import type { RunRecord } from "./run-records.ts";
import type { Reader } from "./transaction.ts";

/** A chain of more is told up to here: who asks about its last run learns more. */
const RUNS_MAX = 200;
const RUNS_AT_ONCE = 50;

/** Goes back from run to run as far as each waits for the one before; undefined where no earlier run has the task. */
export async function pastHolder(
  rows: Reader,
  pipelines: CompiledPipelines,
  runId: RunId,
  taskIndex: number,
): Promise<PastHolder | undefined> {
  const run = await rows.run(runId);
  if (run === undefined) return undefined;
  const { spec } = await pipelines.get(rows, run.versionHash, run.pipeline);
  const task = spec.tasks[taskIndex]?.name ?? "";
  let last: PastHolder | undefined;
  let looked = 0;
  for await (const one of earlierRuns(rows, run)) {
    looked += 1;
    const found = await taskIn(rows, pipelines, { ...one, pipeline: run.pipeline, task });
    const row = found === undefined ? undefined : await rows.run(one.id);
    // Another run of the interval that was just looked at is nobody's run before.
    if (found === undefined || row === undefined || isSameInterval(row, last?.run)) continue;
    last = { run: toRunRecord(row), state: found.state, between: last === undefined ? 0 : last.between + 1 };
    if (!waits(found, row.state)) return last;
  }
  return last === undefined || looked < RUNS_MAX ? last : { ...last, isFurther: true };
}

/** Also in a run that has no place yet, for those before it have the places and wait themselves. */
function waits({ state, reason }: TaskRunRow, run: RunState): boolean {
  return (state === "deferred" && reason === WAITS_FOR_PAST) || (run === "queued" && !isFinished(state));
}

/** The nearest first. */
async function* earlierRuns(rows: Reader, place: PastPlace) {
  for (let skipped = 0; skipped < RUNS_MAX; skipped += RUNS_AT_ONCE) {
    const page = await rows.past.earlierRuns(place, { limit: RUNS_AT_ONCE, skipped });
    yield* page;
    if (page.length < RUNS_AT_ONCE) return;
  }
}

interface TaskOfRun {
  readonly id: RunId;
  readonly versionHash: string;
  readonly pipeline: string;
  readonly task: string;
}

async function taskIn(
  rows: Reader,
  pipelines: CompiledPipelines,
  { id, versionHash, pipeline, task }: TaskOfRun,
): Promise<TaskRunRow | undefined> {
  const { spec } = await pipelines.get(rows, versionHash, pipeline);
  const index = spec.tasks.findIndex(({ name }) => name === task);
  const [row] = index < 0 ? [] : await rows.taskRunsOfRun(id, { taskIndexes: [index] });
  return row;
}

function isSameInterval(row: PastPlace, run: RunRecord | undefined): boolean {
  return run?.interval.start === row.intervalStart && run.interval.end === row.intervalEnd;
}
