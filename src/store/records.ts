import type { Failure } from "../core/failure.ts";
import type { Json } from "../core/json.ts";
import type { PastSuccess } from "../core/past-success.ts";
import type { RunDecision } from "../core/run-decision.ts";
import type { StopRequest } from "../core/stop-request.ts";
import type { StoredValue } from "../core/value.ts";
import type { CacheEntry } from "./cache-records.ts";
import type { ChildRecord, RunParent } from "./child-records.ts";
import type { EventBody } from "./event-body.ts";
import type { DeadLetterRecord } from "./operator-store.ts";
import type {
  AttemptRow,
  CacheRow,
  ChildRow,
  DeadLetterRow,
  EventRow,
  FullRunRow,
  LeaseRow,
  OutputRow,
  PastSuccessRow,
  SessionRow,
  TaskRunRow,
} from "./rows.ts";
import type {
  AttemptRecord,
  EventRecord,
  LeaseRecord,
  RunId,
  RunRecord,
  SessionRecord,
  TaskRunRecord,
} from "./store.ts";
import type { WatchRecord } from "./watch-records.ts";
import type { WatchRow } from "./watch-table.ts";

/** From rows to what readers of the store see: absent in place of null, JSON text parsed. */

/** In place of a run's key, for events that belong to none. */
export const NO_RUN = 0;

export function toRunRecord(row: FullRunRow): RunRecord {
  return {
    id: row.id,
    project: row.project,
    pipeline: row.pipeline,
    versionHash: row.versionHash,
    trigger: row.trigger,
    interval: { start: row.intervalStart, end: row.intervalEnd },
    timezone: row.timezone,
    ds: row.ds,
    params: JSON.parse(row.params) as Json,
    requestKey: row.requestKey,
    actor: row.actor,
    state: row.state,
    createdAt: row.createdAt,
    unfinished: row.unfinished,
    failing: row.failing,
    ...present("schedule", row.schedule === "" ? null : row.schedule),
    ...(row.isPartial ? { isPartial: true as const } : {}),
    ...present("only", row.onlyTasks === null ? null : (JSON.parse(row.onlyTasks) as number[])),
    ...present("borrowsFrom", row.borrowsFrom),
    ...present("backfill", row.backfill),
    ...present("startedAt", row.startedAt),
    ...present("finishedAt", row.finishedAt),
    ...present("reason", row.reason),
    ...present("parent", parentOf(row)),
  };
}

export function toPastSuccess(row: PastSuccessRow): PastSuccess {
  const { runId, intervalStart, intervalEnd, ds, startedAt, finishedAt } = row;
  // A run that has nothing to do ends without having begun.
  const end = finishedAt ?? intervalEnd;
  return {
    runId,
    interval: { start: intervalStart, end: intervalEnd },
    ds,
    startedAt: startedAt ?? end,
    finishedAt: end,
  };
}

function parentOf({ parentRun, parentTask, parentMapKey, rootRun, depth }: FullRunRow): RunParent | null {
  if (parentRun === null || parentTask === null) return null;
  return {
    runId: parentRun,
    taskIndex: parentTask,
    mapKey: parentMapKey ?? "",
    root: rootRun ?? parentRun,
    depth: depth ?? 1,
  };
}

export function toChildRecord({ parentId, taskIndex, mapKey, generation, attempt, ...row }: ChildRow): ChildRecord {
  const { runId, pipeline, state, isAwaited } = row;
  const parent = { runId: parentId, taskIndex, mapKey, generation, attempt };
  return { parent, runId, pipeline, state, isAwaited: Boolean(isAwaited) };
}

export function toTaskRunRecord(row: TaskRunRow, runId: RunId): TaskRunRecord {
  return {
    key: row.key,
    runId,
    taskIndex: row.taskIndex,
    mapKey: row.mapKey,
    state: row.state,
    generation: row.generation,
    attempt: row.attempt,
    token: row.token,
    lost: row.lost,
    upstream: {
      total: row.total,
      success: row.success,
      failed: row.failed,
      upstreamFailed: row.upstreamFailed,
      skipped: row.skipped,
      gates: row.gates,
      shut: row.shut,
    },
    laneId: row.laneId,
    ...present("decision", toDecision(row.decision)),
    ...present("label", row.label),
    ...present("dueAt", row.dueAt),
    ...present("queuedAt", row.queuedAt),
    ...present("startedAt", row.startedAt),
    ...present("finishedAt", row.finishedAt),
    ...present("reason", row.reason),
    ...present("failure", toFailure(row.failure)),
  };
}

export function toAttemptRecord(row: AttemptRow): AttemptRecord {
  const { cpuMs, peakMemoryBytes } = row;
  return {
    taskIndex: row.taskIndex,
    mapKey: row.mapKey,
    generation: row.generation,
    attempt: row.attempt,
    token: row.token,
    sessionId: row.sessionId,
    startedAt: row.startedAt,
    ...present("finishedAt", row.finishedAt),
    ...present("outcome", row.outcome),
    ...present("failure", toFailure(row.failure)),
    ...present("usage", cpuMs === null || peakMemoryBytes === null ? null : { cpuMs, peakMemoryBytes }),
  };
}

export function toSessionRecord(row: SessionRow): SessionRecord {
  const { hostname, hostId, pid, startTime } = row;
  return {
    id: row.id,
    project: row.project,
    role: row.role,
    process: { hostname, hostId, pid, startTime },
    leaseMs: row.leaseMs,
    runs: row.runs === null ? null : (JSON.parse(row.runs) as RunId[]),
    ...present("backfill", row.backfill),
    openedAt: row.openedAt,
    renewedAt: row.renewedAt,
  };
}

export function toCacheEntry({ runId, createdAt, ...value }: CacheRow): CacheEntry {
  const isEmpty = value.json === null && value.blobHash === null;
  return { runId, createdAt, ...(isEmpty ? {} : { output: toStoredValue(value) }) };
}

export function toStoredValue(row: Pick<OutputRow, "json" | "blobHash" | "blobBytes">): StoredValue {
  if (row.json !== null) return { kind: "inline", json: row.json };
  return { kind: "blob", hash: row.blobHash ?? "", bytes: row.blobBytes ?? 0 };
}

export function toDeadLetterRecord(row: DeadLetterRow, task: string): DeadLetterRecord {
  const { id, runId, pipeline, taskIndex, mapKey, generation, state, openedAt } = row;
  return {
    ...{ id, runId, pipeline, taskIndex, task, mapKey, generation, state, openedAt },
    ...present("closedAt", row.closedAt),
    ...present("closedBy", row.closedBy),
    ...present("assignedTo", row.assignedTo),
    ...present("note", row.note),
    ...present("failure", toFailure(row.failure)),
  };
}

export function toEventRecord(row: EventRow): EventRecord {
  const { cursor, at, runId, body } = row;
  return { cursor, at, ...present("runId", runId), body: JSON.parse(body) as EventBody };
}

export function toLeaseRecord({ taskRunKey, token, stop }: LeaseRow): LeaseRecord {
  return { taskRunKey, token, ...present("stop", stop === null ? null : (JSON.parse(stop) as StopRequest)) };
}

export function toWatchRecord(row: WatchRow): WatchRecord {
  const { taskRunKey, taskIndex, mapKey, since, polls, errors, nextPollAt } = row;
  return {
    ...{ taskRunKey, taskIndex, mapKey, since, polls, errors, nextPollAt },
    ...present("deadline", row.deadline),
    ...present("lastPollAt", row.lastPollAt),
    ...present("seen", row.seen),
    ...present("failure", toFailure(row.failure)),
  };
}

/** What was decided for a task run, as its row keeps it. */
export function toDecision(json: string | null): RunDecision | null {
  return json === null ? null : (JSON.parse(json) as RunDecision);
}

export function toFailure(json: string | null): Failure | null {
  return json === null ? null : (JSON.parse(json) as Failure);
}

export function present<Name extends string, Value>(name: Name, value: Value | null): { [Key in Name]?: Value } {
  // The compiler does not see that a computed name is exactly `Name`.
  return value === null ? {} : ({ [name]: value } as { [Key in Name]?: Value });
}
