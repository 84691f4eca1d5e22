import { CompiledPipelines } from "./compiled-pipelines.ts";
import type { PlannedRun } from "./create-runs.ts";
import { pathPriorities } from "./path-priorities.ts";
import type { NewRun } from "./run-records.ts";
import { TaskRunKeys } from "./task-run-keys.ts";
import type { Database } from "./transaction.ts";
import { usualTimes } from "./usual-times.ts";

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
    const { pipeline, priorities, usual } = await this.database.read(async (rows) => {
      const found = await this.pipelines.get(rows, run.versionHash, run.pipeline);
      const priorities = await pathPriorities(rows, this.pipelines, run, found);
      return { pipeline: found, priorities, usual: await usualTimes(rows, this.pipelines, run, found) };
    });
    return { run, pipeline, priorities, usual, firstKey: await this.#keys.take(pipeline.spec.tasks.length) };
  }
}
