import type { TaskSpec } from "../core/manifest.ts";
import type { Position } from "../core/map-path.ts";
import type { CompiledPipeline } from "./compiled-pipelines.ts";
import type { RunRow, TaskRunRow } from "./rows.ts";

export interface RunInWork {
  readonly before: RunRow;
  after: RunRow;
  readonly pipeline: CompiledPipeline;
}

export interface TaskRunInWork {
  /** Undefined for one that begins in this transaction. */
  readonly before: TaskRunRow | undefined;
  after: TaskRunRow;
}

/** The rows that one transaction has locked and read, as they were and as they are by now; found by key and by place. */
export class RowsInWork {
  readonly #runs = new Map<number, RunInWork>();
  readonly #taskRuns = new Map<number, TaskRunInWork>();
  readonly #taskRunsByRun = new Map<number, TaskRunInWork[]>();
  /** Of mapped task runs, which no key of the run's block leads to. */
  readonly #byPlace = new Map<string, TaskRunInWork>();
  /** Keys of a run's block that have no row: the run was asked for without these tasks. */
  readonly #absent = new Set<number>();
  readonly #absentPlaces = new Set<string>();

  addRun(row: RunRow, pipeline: CompiledPipeline): RunInWork {
    const run: RunInWork = { before: row, after: row, pipeline };
    this.#runs.set(row.key, run);
    return run;
  }

  /** Takes the rows that were found for these keys. */
  addTaskRuns(keys: readonly number[], rows: Iterable<TaskRunRow>): void {
    for (const row of rows) if (!this.#taskRuns.has(row.key)) this.addEntry({ before: row, after: row });
    for (const key of keys) if (!this.#taskRuns.has(key)) this.#absent.add(key);
  }

  /** Takes the rows that were found at these places of a run. */
  addTaskRunsAt(runKey: number, positions: readonly Position[], rows: readonly TaskRunRow[]): void {
    this.addTaskRuns([], rows);
    for (const position of positions) {
      if (this.at(runKey, position) === undefined) this.#absentPlaces.add(placeName(runKey, position));
    }
  }

  runs(): readonly RunInWork[] {
    return [...this.#runs.values()];
  }

  run(key: number): RunInWork {
    return found(this.#runs.get(key), `run ${key}`);
  }

  /** As it is now; undefined when it was not read or does not exist. */
  taskRun(key: number): TaskRunRow | undefined {
    return this.#taskRuns.get(key)?.after;
  }

  /** As they are now. */
  taskRunsOf(runKey: number): readonly TaskRunRow[] {
    return (this.#taskRunsByRun.get(runKey) ?? []).map(({ after }) => after);
  }

  /** As it is now; undefined when it was not read or does not exist. */
  at(runKey: number, position: Position): TaskRunRow | undefined {
    if (position.path === "") return this.taskRun(this.run(runKey).after.firstKey + position.index);
    return this.#byPlace.get(placeName(runKey, position))?.after;
  }

  /** Whether it is known that there is no task run at this place. */
  isAbsentAt(runKey: number, position: Position): boolean {
    if (position.path === "") return this.#absent.has(this.run(runKey).after.firstKey + position.index);
    return this.#absentPlaces.has(placeName(runKey, position));
  }

  taskSpec(row: TaskRunRow): TaskSpec {
    const { pipeline } = this.run(row.runKey);
    return found(pipeline.spec.tasks[row.taskIndex], `task ${row.taskIndex} of ${pipeline.spec.name}`);
  }

  /** Throws when it was not read: nothing may be decided on a row that nobody looked at. */
  protected entry(key: number): TaskRunInWork {
    return found(this.#taskRuns.get(key), `task run ${key}`);
  }

  protected entries(): readonly TaskRunInWork[] {
    return [...this.#taskRuns.values()];
  }

  protected addEntry(entry: TaskRunInWork): void {
    const { key, runKey, taskIndex, mapKey } = entry.after;
    this.#taskRuns.set(key, entry);
    if (mapKey !== "") this.#byPlace.set(placeName(runKey, { index: taskIndex, path: mapKey }), entry);
    const ofRun = this.#taskRunsByRun.get(runKey);
    if (ofRun === undefined) this.#taskRunsByRun.set(runKey, [entry]);
    else ofRun.push(entry);
  }
}

function placeName(runKey: number, { index, path }: Position): string {
  return `${runKey}/${index}/${path}`;
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The transaction did not read ${what}`);
  return value;
}
