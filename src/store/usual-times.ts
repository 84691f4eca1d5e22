import { type DeadlinePlace, deadlinesOf, OF_RUN, type Placed } from "../core/deadline/plan-deadlines.ts";
import { usualMs } from "../core/deadline/usual-time.ts";
import type { CompiledPipeline, CompiledPipelines } from "./compiled-pipelines.ts";
import type { RunSpanRow, TaskSpanPlace } from "./deadline-rows.ts";
import type { PipelineName } from "./rows.ts";
import type { Reader } from "./transaction.ts";

/** By deadline of a pipeline, as `nameOfPlace` names it: what is usual. */
export type UsualTimes = ReadonlyMap<string, number>;

export function nameOfPlace({ task, place }: DeadlinePlace): string {
  return `${task}/${place}`;
}

/**
 * What the last successful runs of a pipeline and its tasks took, where a deadline asks for it; undefined where none
 * does. It need not be exact, so it is read beforehand.
 */
export async function usualTimes(
  rows: Reader,
  pipelines: CompiledPipelines,
  name: PipelineName,
  { spec }: CompiledPipeline,
): Promise<UsualTimes | undefined> {
  const asked = deadlinesOf(spec).filter(({ spec: { kind } }) => kind === "slower_than");
  if (asked.length === 0) return undefined;
  const most = Math.max(...asked.map(lookedAt));
  const runs = await rows.deadlines.successfulRuns({ project: name.project, pipeline: name.pipeline }, most);
  const names = new Map(asked.map(({ task }) => [task, spec.tasks[task]?.name]));
  const spans = await taskSpans(rows, pipelines, { runs, pipeline: name.pipeline, names });
  const usual = new Map<string, number>();
  for (const deadline of asked) {
    const found = runs.slice(0, lookedAt(deadline)).flatMap((run) => {
      if (deadline.task === OF_RUN) return run.durationMs;
      return spans.get(`${run.runKey}/${deadline.task}`) ?? [];
    });
    const ms = usualMs(found);
    if (ms !== undefined) usual.set(nameOfPlace(deadline), ms);
  }
  return usual;
}

function lookedAt({ spec }: Placed): number {
  return spec.kind === "slower_than" ? spec.of : 0;
}

interface Asked {
  readonly runs: readonly RunSpanRow[];
  readonly pipeline: string;
  /** Of tasks, by their index in the newest version: others may number them differently. */
  readonly names: ReadonlyMap<number, string | undefined>;
}

async function taskSpans(
  rows: Reader,
  pipelines: CompiledPipelines,
  { runs, pipeline, names }: Asked,
): Promise<ReadonlyMap<string, number>> {
  const wanted = new Map<string, TaskSpanPlace & { readonly task: number }>();
  for (const { runKey, versionHash } of runs) {
    const { spec } = await pipelines.get(rows, versionHash, pipeline);
    for (const [task, name] of names) {
      const taskIndex = spec.tasks.findIndex((one) => one.name === name);
      if (taskIndex >= 0) wanted.set(`${runKey}/${taskIndex}`, { runKey, taskIndex, task });
    }
  }
  if (wanted.size === 0) return new Map();
  const spans = await rows.deadlines.taskSpans([...wanted.values()]);
  return new Map(
    spans.flatMap(({ runKey, taskIndex, durationMs }) => {
      const task = wanted.get(`${runKey}/${taskIndex}`)?.task;
      return task === undefined ? [] : [[`${runKey}/${task}`, durationMs] as const];
    }),
  );
}
