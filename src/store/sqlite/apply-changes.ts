import {
  type AttemptEnd,
  type AuditInsert,
  type Changes,
  type DeadLetterOpened,
  endedLeases,
  expiredToDrop,
  type OutputInsert,
  type RunChange,
  readyRows,
  type TaskRunMove,
  waitingRows,
} from "../changes.ts";
import { updateMade } from "./asset-rows.ts";
import { deleteExpiredResults, insertCacheEntry } from "./cache-rows.ts";
import type { SqliteConnection } from "./connection.ts";
import { updateCursor } from "./cursor-rows.ts";
import { insertEndSignal } from "./end-signal-rows.ts";
import { insertItemRuns } from "./task-run-rows.ts";
import { deleteTimers, insertTimer } from "./timer-rows.ts";
import { deleteWatch, insertWatch } from "./watch-rows.ts";

/**
 * Writes everything that was decided. A prepared statement in a loop costs a microsecond or two a row here, less than
 * taking arrays apart in SQL.
 */
export function applyChanges(db: SqliteConnection, changes: Changes, now: number): void {
  const ready = readyRows(changes);
  const waiting = waitingRows(changes);
  for (const row of ready.gone) db.run(DELETE_READY, row.laneId, row.queuedAt, row.key);
  for (const row of waiting.gone) db.run(DELETE_WAITING, row.key);
  for (const move of changes.moves) updateTaskRun(db, move);
  for (const { key, counts } of changes.counts) {
    const { total, success, failed, upstreamFailed, skipped, gates, shut } = counts;
    db.run(UPDATE_COUNTS, total, success, failed, upstreamFailed, skipped, gates, shut, key);
  }
  insertItemRuns(db, changes.made);
  for (const row of ready.made) db.run(INSERT_READY, row.laneId, row.queuedAt, row.key, row.runKey);
  for (const row of waiting.made) db.run(INSERT_WAITING, row.key, row.runKey, row.dueAt);
  deleteLeases(db, changes);
  for (const { taskRunKey, stop } of changes.stops) db.run(UPDATE_STOP, stop, taskRunKey);
  for (const end of changes.attempts) updateAttempt(db, end, now);
  for (const key of changes.outputsCleared) db.run(DELETE_OUTPUT, key);
  for (const output of changes.outputs) insertOutput(db, output);
  for (const { taskRunKey, state, by, note } of changes.deadLettersClosed) {
    db.run(CLOSE_DEAD_LETTER, state, now, by, note, taskRunKey);
  }
  for (const { taskRunKey, to } of changes.deadLettersAssigned) db.run(ASSIGN_DEAD_LETTER, to, taskRunKey);
  for (const letter of changes.deadLettersOpened) insertDeadLetter(db, letter, now);
  for (const run of changes.runs) {
    updateRun(db, run);
    insertEndSignal(db, run, now);
  }
  applyRare(db, changes, now);
  for (const audit of changes.audits) insertAudit(db, audit, now);
  for (const event of changes.events) db.run(INSERT_EVENT, now, event.runKey, JSON.stringify(event.body));
}

function deleteLeases(db: SqliteConnection, { moves, sharesEnded, sharesDeferred }: Changes): void {
  for (const key of endedLeases(moves)) db.run(DELETE_LEASE, key);
  for (const key of sharesEnded) db.run(DELETE_SHARES, key);
  for (const key of sharesDeferred) db.run(DELETE_UNCOUNTED_SHARES, key);
}

/** What only tasks and pipelines with certain options bring about. */
function applyRare(db: SqliteConnection, changes: Changes, now: number): void {
  for (const entry of changes.cached) insertCacheEntry(db, entry, now);
  if (changes.cached.length > 0) deleteExpiredResults(db, now, expiredToDrop(changes.cached));
  for (const made of changes.assetsMade) updateMade(db, made, now);
  for (const move of changes.cursors) updateCursor(db, move, now);
  for (const timer of changes.timersBegun) insertTimer(db, timer);
  for (const timer of changes.timersEnded) deleteTimers(db, timer);
  for (const key of changes.watchesEnded) deleteWatch(db, key);
  for (const watch of changes.watchesBegun) insertWatch(db, watch, now);
}

/** Compares and sets: the row must be in the state, generation and token that were decided on. */
function updateTaskRun(db: SqliteConnection, { before, after }: TaskRunMove): void {
  const { state, generation, attempt, lost, dueAt, queuedAt, startedAt, finishedAt, reason, failure } = after;
  const { total, success, failed, upstreamFailed, skipped, gates, shut, decision } = after;
  const changed = db.run(
    UPDATE_TASK_RUN,
    ...[state, generation, attempt, lost, dueAt, queuedAt, startedAt, finishedAt, reason, failure],
    ...[total, success, failed, upstreamFailed, skipped, gates, shut, decision],
    ...[before.key, before.state, before.generation, before.token],
  );
  if (changed !== 1) throw new Error(`Task run ${before.key} is no longer ${before.state}`);
}

function updateAttempt(db: SqliteConnection, end: AttemptEnd, now: number): void {
  const { outcome, failure, cpuMs, peakMemoryBytes, taskRunKey, token } = end;
  const changed = db.run(UPDATE_ATTEMPT, now, outcome, failure, cpuMs, peakMemoryBytes, taskRunKey, token);
  if (changed !== 1) throw new Error(`Attempt ${token} of task run ${taskRunKey} has ended already`);
}

function insertOutput(db: SqliteConnection, { taskRunKey, token, value, items, labels }: OutputInsert): void {
  if (value.kind === "inline") db.run(INSERT_OUTPUT, taskRunKey, token, value.json, null, null, items, labels);
  else db.run(INSERT_OUTPUT, taskRunKey, token, null, value.hash, value.bytes, items, labels);
}

function insertDeadLetter(db: SqliteConnection, letter: DeadLetterOpened, now: number): void {
  db.run(INSERT_DEAD_LETTER, letter.runKey, letter.taskRunKey, letter.generation, now);
}

function updateRun(db: SqliteConnection, run: RunChange): void {
  if (run.state === undefined) db.run(UPDATE_RUN_COUNTS, run.taskCount, run.unfinished, run.failing, run.key);
  else {
    const { to, startedAt, finishedAt, reason } = run.state;
    db.run(UPDATE_RUN, run.taskCount, run.unfinished, run.failing, to, startedAt, finishedAt, reason, run.key);
  }
}

function insertAudit(db: SqliteConnection, audit: AuditInsert, now: number): void {
  db.run(INSERT_AUDIT, now, audit.project, audit.actor, audit.action, audit.runKey, audit.details);
}

const DELETE_READY = "delete from ready where lane_id = ? and queued_at = ? and task_run_key = ?";

const UPDATE_TASK_RUN = `
  update task_run
  set state = ?, generation = ?, attempt = ?, lost = ?, due_at = ?, queued_at = ?, started_at = ?, finished_at = ?,
    reason = ?, failure = ?, up_total = ?, up_success = ?, up_failed = ?, up_upstream_failed = ?, up_skipped = ?,
    up_gates = ?, up_shut = ?, decision = ?
  where key = ? and state = ? and generation = ? and token = ?`;

const UPDATE_COUNTS = `
  update task_run set up_total = ?, up_success = ?, up_failed = ?, up_upstream_failed = ?, up_skipped = ?,
    up_gates = ?, up_shut = ?
  where key = ?`;

const INSERT_READY = "insert into ready (lane_id, queued_at, task_run_key, run_key) values (?, ?, ?, ?)";

const DELETE_WAITING = "delete from waiting where task_run_key = ?";

const INSERT_WAITING = `
  insert into waiting (task_run_key, run_key, due_at) values (?, ?, ?)
  on conflict (task_run_key) do update set due_at = excluded.due_at`;

const DELETE_LEASE = "delete from lease where task_run_key = ?";

const DELETE_SHARES = "delete from lease_scope where task_run_key = ?";

const DELETE_UNCOUNTED_SHARES = `
  delete from lease_scope where task_run_key = ?
    and not exists (select 1 from scope where scope.id = lease_scope.scope_id and scope.count_deferred = 1)`;

const UPDATE_STOP = "update lease set stop = ? where task_run_key = ?";

const UPDATE_ATTEMPT = `
  update attempt set finished_at = ?, outcome = ?, failure = ?, cpu_ms = ?, peak_memory_bytes = ?
  where task_run_key = ? and token = ? and finished_at is null`;

const DELETE_OUTPUT = "delete from output where task_run_key = ?";

const INSERT_OUTPUT = `
  insert into output (task_run_key, token, json, blob_hash, blob_bytes, items, labels) values (?, ?, ?, ?, ?, ?, ?)`;

const INSERT_DEAD_LETTER = `
  insert into dead_letter (run_key, task_run_key, generation, state, opened_at) values (?, ?, ?, 'open', ?)`;

const CLOSE_DEAD_LETTER = `
  update dead_letter set state = ?, closed_at = ?, closed_by = ?, note = ? where task_run_key = ? and state = 'open'`;

const ASSIGN_DEAD_LETTER = "update dead_letter set assigned_to = ? where task_run_key = ? and state = 'open'";

const UPDATE_RUN_COUNTS = "update run set task_count = ?, unfinished = ?, failing = ? where key = ?";

const UPDATE_RUN = `
  update run set task_count = ?, unfinished = ?, failing = ?, state = ?, started_at = ?, finished_at = ?, reason = ? where key = ?`;

const INSERT_AUDIT = `
  insert into audit (at, project, actor, action, run_key, details) values (?, ?, ?, ?, ?, ?)`;

const INSERT_EVENT = "insert into event (at, run_key, body) values (?, ?, ?)";
