import type { OutputRow, OutputSizeRow } from "../rows.ts";
import type { RunId } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";

/** The value of one task run. */
export function selectOutput(db: SqliteConnection, taskRunKey: number): OutputRow | undefined {
  return db.get<OutputRow>(SELECT_ONE, taskRunKey);
}

/** Values of these tasks of a run, those that have one. */
export function selectOutputs(db: SqliteConnection, id: RunId, taskIndexes: readonly number[]): readonly OutputRow[] {
  return db.all<OutputRow>(SELECT, JSON.stringify(taskIndexes), id);
}

/** Values of these task runs, those that have one. */
export function selectOutputsOf(db: SqliteConnection, taskRunKeys: readonly number[]): readonly OutputRow[] {
  return db.all<OutputRow>(SELECT_OF, JSON.stringify(taskRunKeys));
}

/** How long the values of these task runs are; the values themselves are not read. */
export function selectOutputSizes(db: SqliteConnection, taskRunKeys: readonly number[]): readonly OutputSizeRow[] {
  return db.all<OutputSizeRow>(SELECT_SIZES, JSON.stringify(taskRunKeys));
}

const COLUMNS = `
  output.task_run_key as taskRunKey, task_run.task_index as taskIndex, output.json, output.blob_hash as blobHash,
  output.blob_bytes as blobBytes, output.items, output.labels`;

const SELECT_ONE = `
  select ${COLUMNS} from output join task_run on task_run.key = output.task_run_key where output.task_run_key = ?`;

const SELECT = `
  select ${COLUMNS}
  from json_each(?) wanted cross join run cross join task_run cross join output
  where run.id = ? and task_run.run_key = run.key and task_run.task_index = wanted.value and task_run.map_key = ''
    and output.task_run_key = task_run.key`;

const SELECT_OF = `
  select ${COLUMNS} from json_each(?) wanted cross join output cross join task_run
  where output.task_run_key = wanted.value and task_run.key = output.task_run_key`;

const SELECT_SIZES = `
  select output.task_run_key as taskRunKey, coalesce(octet_length(output.json), 0) as bytes
  from json_each(?) wanted cross join output
  where output.task_run_key = wanted.value`;
