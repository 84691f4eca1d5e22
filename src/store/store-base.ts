import { CompiledPipelines } from "./compiled-pipelines.ts";
import type { PlannedRun } from "./create-runs.ts";
import { pathPriorities } from "./path-priorities.ts";
import type { NewRun } from "./run-records.ts";
import { TaskRunKeys } from "./task-run-keys.ts";
import type { Database, Reader } from "./transaction.ts";
import { usualTimes } from "./usual-times.ts";

export type KeylessRun = Omit<PlannedRun, "firstKey">;

/** What all parts of the store stand on. */
export abstract class StoreBase {
  protected readonly database: Database;
  protected readonly pipelines = new CompiledPipelines();
  readonly #keys: TaskRunKeys;

  constructor(database: Database) {
    this.database = database;
    this.#keys = new TaskRunKeys((count) => database.reserveTaskRunKeys(count));
  }

  /** The first of so many neighbouring keys of task runs. */
  protected reserveKeys(count: number): Promise<number> {
    return this.#keys.take(count);
  }

  protected async plan(run: NewRun): Promise<PlannedRun> {
    return this.withKeys(await this.database.read((rows) => this.planIn(rows, run)));
  }

  /** Without the keys of its task runs, which a transaction of its own reserves. */
  protected async planIn(rows: Reader, run: NewRun): Promise<KeylessRun> {
    const pipeline = await this.pipelines.get(rows, run.versionHash, run.pipeline);
    const priorities = await pathPriorities(rows, this.pipelines, run, pipeline);
    return { run, pipeline, priorities, usual: await usualTimes(rows, this.pipelines, run, pipeline) };
  }

  protected async withKeys(planned: KeylessRun): Promise<PlannedRun> {
    return { ...planned, firstKey: await this.#keys.take(planned.pipeline.spec.tasks.length) };
  }
}
