/**
 * Ready-made kinds of tasks: what a task can be given in place of a function. Each is made by `defineTaskKind` and
 * nothing else, so that a package of yours can do the same.
 *
 * @example
 * import { pipeline } from "batuta";
 * import { http, python, shell, sql } from "batuta/tasks";
 */
export { type ChildOptions, child } from "./child/child.ts";
export { http } from "./http/http.ts";
export type { HttpMethod, HttpOptions, HttpResult } from "./http/http-options.ts";
export { HttpStatusError } from "./http/send-request.ts";
export { type PythonOptions, python } from "./python/python.ts";
export type { FoundFile } from "./sensors/check-files.ts";
export type { HttpAnswer } from "./sensors/check-http.ts";
export type { FoundObject } from "./sensors/check-objects.ts";
export { type AwaitedEvent, type EventWaitOptions, event } from "./sensors/event.ts";
export { type FileOptions, file } from "./sensors/file.ts";
export { type HttpOkOptions, httpOk } from "./sensors/http-ok.ts";
export { type PipelineDoneOptions, type PipelineRuns, pipelineDone } from "./sensors/pipeline-done.ts";
export { type PollContext, poll } from "./sensors/poll.ts";
export { type S3ObjectOptions, s3Object } from "./sensors/s3-object.ts";
export { type SqlRowsOptions, sqlRows } from "./sensors/sql-rows.ts";
export { until } from "./sensors/until.ts";
export { type ShellFileOptions, type ShellOptions, shell } from "./shell/shell.ts";
export type { SqlRow, SqlValue } from "./sql/connection.ts";
export { type Connection, type ConnectionContext, openConnection, type SqlInputRow } from "./sql/open-connection.ts";
export type { PartitionTarget } from "./sql/partition-bounds.ts";
export type { PartitionChange } from "./sql/replace-partition.ts";
export type { SqlChange } from "./sql/run-script.ts";
export { type ReplacePartitionOptions, type SqlOptions, type SqlQueryOptions, sql } from "./sql/sql.ts";
export type { Interpolated } from "./tagged-text.ts";
