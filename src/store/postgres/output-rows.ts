import type { OutputRow, OutputSizeRow } from "../rows.ts";
import type { RunId } from "../store.ts";
import type { PostgresConnection } from "./connection.ts";

/** The value of one task run. */
export function selectOutput(db: PostgresConnection, taskRunKey: number): Promise<OutputRow | undefined> {
  return db.get<OutputRow>(SELECT_ONE, taskRunKey);
}

/** Values of these tasks of a run, those that have one. */
export function selectOutputs(
  db: PostgresConnection,
  id: RunId,
  taskIndexes: readonly number[],
): Promise<readonly OutputRow[]> {
  return db.all<OutputRow>(SELECT, id, taskIndexes);
}

/** Values of these task runs, those that have one. */
export function selectOutputsOf(db: PostgresConnection, taskRunKeys: readonly number[]): Promise<readonly OutputRow[]> {
  return db.all<OutputRow>(SELECT_OF, taskRunKeys);
}

/** How long the values of these task runs are; the values themselves are not read. */
export function selectOutputSizes(
  db: PostgresConnection,
  taskRunKeys: readonly number[],
): Promise<readonly OutputSizeRow[]> {
  return db.all<OutputSizeRow>(SELECT_SIZES, taskRunKeys);
}

const COLUMNS = `
  output.task_run_key as "taskRunKey", task_run.task_index as "taskIndex", output.json, output.blob_hash as "blobHash",
  output.blob_bytes as "blobBytes", output.items, output.labels`;

const SELECT_ONE = {
  name: "select_output",
  text: `
    select ${COLUMNS} from output join task_run on task_run.key = output.task_run_key where output.task_run_key = $1`,
};

const SELECT = {
  name: "select_outputs",
  text: `
    select ${COLUMNS}
    from run
      join task_run on task_run.run_key = run.key and task_run.task_index = any($2::integer[]) and task_run.map_key = ''
      join output on output.task_run_key = task_run.key
    where run.id = $1`,
};

const SELECT_OF = {
  name: "select_outputs_of",
  text: `
    select ${COLUMNS} from output join task_run on task_run.key = output.task_run_key
    where output.task_run_key = any($1::bigint[])`,
};

const SELECT_SIZES = {
  name: "select_output_sizes",
  text: `
    select task_run_key as "taskRunKey", coalesce(octet_length(output.json), 0) as bytes
    from output where task_run_key = any($1::bigint[])`,
};
