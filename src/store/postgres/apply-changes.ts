import { SIGNAL_TTL_MS } from "../../core/trigger/signal.ts";
import type { AssetMade } from "../asset-rows.ts";
import {
  type AttemptEnd,
  type AuditInsert,
  type CacheInsert,
  type Changes,
  type CountChange,
  type DeadLetterAssigned,
  type DeadLetterClosed,
  type DeadLetterOpened,
  type EventInsert,
  endedLeases,
  expiredToDrop,
  type OutputInsert,
  type RunChange,
  readyRows,
  type StopInsert,
  type TaskRunMove,
  type TimerClear,
  type TimerInsert,
  waitingRows,
} from "../changes.ts";
import type { CursorMove } from "../cursor-moves.ts";
import type { TaskRunRow } from "../rows.ts";
import type { PostgresConnection } from "./connection.ts";
import { deleteWatches, insertWatches } from "./watch-rows.ts";
import { combine, type WritePart } from "./write-parts.ts";
import * as sql from "./write-sql.ts";

/** Sends everything that was decided as one statement. */
export function applyChanges(db: PostgresConnection, changes: Changes, now: number): void {
  const ready = readyRows(changes);
  const waiting = waitingRows(changes);
  const parts = [
    ...some(ready.gone, (rows) => ({ name: "unready", sql: sql.DELETE_READY, values: [keysOf(rows)] })),
    ...some(waiting.gone, (rows) => ({ name: "unwait", sql: sql.DELETE_WAITING, values: [keysOf(rows)] })),
    ...some(changes.moves, moveTaskRuns),
    ...some(changes.counts, updateCounts),
    ...some(changes.made, insertItemRuns),
    ...some(ready.made, insertReady),
    ...some(waiting.made, insertWaiting),
    ...some(endedLeases(changes.moves), (keys) => ({ name: "unlease", sql: sql.DELETE_LEASES, values: [keys] })),
    ...some(changes.sharesEnded, (keys) => ({ name: "unshare", sql: sql.DELETE_SHARES, values: [keys] })),
    ...some(changes.sharesDeferred, (keys) => ({ name: "defer", sql: sql.DELETE_UNCOUNTED_SHARES, values: [keys] })),
    ...some(changes.stops, requestStops),
    ...some(changes.attempts, (ends) => endAttempts(ends, now)),
    ...some(changes.outputsCleared, (keys) => ({ name: "clear", sql: sql.DELETE_OUTPUTS, values: [keys] })),
    ...some(changes.outputs, insertOutputs),
    ...some(changes.deadLettersOpened, (letters) => openDeadLetters(letters, now)),
    ...some(changes.deadLettersClosed, (letters) => closeDeadLetters(letters, now)),
    ...some(changes.deadLettersAssigned, assignDeadLetters),
    ...some(changes.runs, updateRuns),
    ...some(changes.runs.filter(hasEnded), (runs) => tellEnds(runs, now)),
    ...some(changes.cached, (entries) => keepForCache(entries, now)),
    ...some(changes.cached, (entries) => dropExpired(entries, now)),
    ...some(changes.assetsMade, (made) => noteMade(made, now)),
    ...some(changes.cursors, (moves) => moveCursors(moves, now)),
    ...some(changes.timersBegun, beginTimers),
    ...some(changes.timersEnded, endTimers),
    ...some(changes.watchesEnded, deleteWatches),
    ...some(changes.watchesBegun, (watches) => insertWatches(watches, now)),
    ...some(changes.audits, (audits) => insertAudits(audits, now)),
    ...some(changes.events, (events) => insertEvents(events, now)),
  ];
  if (parts.length > 0) db.send(...combine(parts));
}

function some<T>(rows: readonly T[], part: (rows: readonly T[]) => WritePart): readonly WritePart[] {
  return rows.length === 0 ? [] : [part(rows)];
}

/** Compares and sets: every row must be in the state, generation and token that were decided on. */
function moveTaskRuns(moves: readonly TaskRunMove[]): WritePart {
  const before = <Key extends keyof TaskRunRow>(name: Key) => moves.map((move) => move.before[name]);
  const after = <Key extends keyof TaskRunRow>(name: Key) => moves.map((move) => move.after[name]);
  const values = [
    ...[before("key"), before("state"), before("generation"), before("token")],
    ...[after("state"), after("generation"), after("attempt"), after("lost"), after("dueAt"), after("queuedAt")],
    ...[after("startedAt"), after("finishedAt"), after("reason"), after("failure")],
    ...[after("total"), after("success"), after("failed"), after("upstreamFailed"), after("skipped")],
    ...[after("gates"), after("shut"), after("decision")],
  ];
  return { name: "move", sql: sql.UPDATE_TASK_RUNS, values, expected: moves.length };
}

function updateCounts(changes: readonly CountChange[]): WritePart {
  const count = (name: keyof CountChange["counts"]) => changes.map(({ counts }) => counts[name]);
  const keys = changes.map(({ key }) => key);
  const values = [
    ...[keys, count("total"), count("success"), count("failed"), count("upstreamFailed"), count("skipped")],
    ...[count("gates"), count("shut")],
  ];
  return { name: "count", sql: sql.UPDATE_COUNTS, values };
}

function insertItemRuns(rows: readonly TaskRunRow[]): WritePart {
  const column = <Key extends keyof TaskRunRow>(name: Key) => rows.map((row) => row[name]);
  const values = [
    ...[column("key"), column("runKey"), column("taskIndex"), column("mapKey"), column("state"), column("generation")],
    ...[column("label"), column("laneId"), column("queuedAt"), column("finishedAt"), column("reason")],
    ...[column("failure"), column("decision"), column("total"), column("success"), column("failed")],
    ...[column("upstreamFailed"), column("skipped"), column("gates"), column("shut")],
  ];
  return { name: "make", sql: sql.INSERT_ITEM_RUNS, values };
}

function insertReady(rows: readonly TaskRunRow[]): WritePart {
  const runs = rows.map((row) => row.runKey);
  const lanes = rows.map((row) => row.laneId);
  const times = rows.map((row) => row.queuedAt);
  return { name: "ready", sql: sql.INSERT_READY, values: [keysOf(rows), runs, lanes, times] };
}

function insertWaiting(rows: readonly TaskRunRow[]): WritePart {
  const runs = rows.map((row) => row.runKey);
  const times = rows.map((row) => row.dueAt);
  return { name: "wait", sql: sql.INSERT_WAITING, values: [keysOf(rows), runs, times] };
}

function endAttempts(ends: readonly AttemptEnd[], now: number): WritePart {
  const column = <Key extends keyof AttemptEnd>(name: Key) => ends.map((end) => end[name]);
  const values = [
    ...[now, column("taskRunKey"), column("token"), column("outcome"), column("failure"), column("cpuMs")],
    column("peakMemoryBytes"),
  ];
  return { name: "end", sql: sql.UPDATE_ATTEMPTS, values, expected: ends.length };
}

function requestStops(stops: readonly StopInsert[]): WritePart {
  const values = [stops.map(({ taskRunKey }) => taskRunKey), stops.map(({ stop }) => stop)];
  return { name: "stop", sql: sql.UPDATE_STOPS, values };
}

function insertOutputs(outputs: readonly OutputInsert[]): WritePart {
  const values = [
    outputs.map((output) => output.taskRunKey),
    outputs.map((output) => output.token),
    outputs.map(({ value }) => (value.kind === "inline" ? value.json : null)),
    outputs.map(({ value }) => (value.kind === "blob" ? value.hash : null)),
    outputs.map(({ value }) => (value.kind === "blob" ? value.bytes : null)),
    outputs.map((output) => output.items),
    outputs.map((output) => output.labels),
  ];
  return { name: "keep", sql: sql.INSERT_OUTPUTS, values };
}

function openDeadLetters(letters: readonly DeadLetterOpened[], now: number): WritePart {
  const column = (name: keyof DeadLetterOpened) => letters.map((letter) => letter[name]);
  const values = [now, column("runKey"), column("taskRunKey"), column("generation")];
  return { name: "letter", sql: sql.INSERT_DEAD_LETTERS, values };
}

function closeDeadLetters(letters: readonly DeadLetterClosed[], now: number): WritePart {
  const column = (name: keyof DeadLetterClosed) => letters.map((letter) => letter[name]);
  const values = [now, column("taskRunKey"), column("state"), column("by"), column("note")];
  return { name: "close", sql: sql.CLOSE_DEAD_LETTERS, values };
}

function assignDeadLetters(letters: readonly DeadLetterAssigned[]): WritePart {
  const values = [letters.map(({ taskRunKey }) => taskRunKey), letters.map(({ to }) => to)];
  return { name: "assign", sql: sql.ASSIGN_DEAD_LETTERS, values };
}

function hasEnded({ state }: RunChange): boolean {
  return state !== undefined && state.finishedAt !== null;
}

function tellEnds(runs: readonly RunChange[], now: number): WritePart {
  const values = [
    ...[now, now + SIGNAL_TTL_MS, runs.map((run) => run.key)],
    runs.map(({ state }) => state?.to ?? null),
    runs.map(({ state }) => state?.finishedAt ?? null),
  ];
  return { name: "tell_end", sql: sql.INSERT_END_SIGNALS, values };
}

function updateRuns(runs: readonly RunChange[]): WritePart {
  const values = [
    runs.map((run) => run.key),
    runs.map((run) => run.unfinished),
    runs.map((run) => run.failing),
    runs.map((run) => run.taskCount),
    runs.map(({ state }) => state?.to ?? null),
    runs.map(({ state }) => state?.startedAt ?? null),
    runs.map(({ state }) => state?.finishedAt ?? null),
    runs.map(({ state }) => state?.reason ?? null),
  ];
  return { name: "run", sql: sql.UPDATE_RUNS, values };
}

/** In the order of their keys, so that two transactions wait for each other and never both ways. */
function keepForCache(unordered: readonly CacheInsert[], now: number): WritePart {
  const entries = [...unordered].sort((one, other) => (one.key < other.key ? -1 : 1));
  const column = (name: "project" | "key" | "runId" | "taskRunKey" | "expiresAt") => entries.map((one) => one[name]);
  const values = [
    ...[now, column("project"), column("key"), column("runId"), column("taskRunKey"), column("expiresAt")],
    entries.map(({ value }) => (value?.kind === "inline" ? value.json : null)),
    entries.map(({ value }) => (value?.kind === "blob" ? value.hash : null)),
    entries.map(({ value }) => (value?.kind === "blob" ? value.bytes : null)),
  ];
  return { name: "cache", sql: sql.UPSERT_CACHE_ENTRIES, values };
}

function dropExpired(kept: readonly CacheInsert[], now: number): WritePart {
  const values = [now, kept.map(({ key }) => key), expiredToDrop(kept)];
  return { name: "expire", sql: sql.DELETE_EXPIRED_RESULTS, values };
}

/** Each once, in the order of their keys, so that two transactions wait for each other and never both ways. */
function noteMade(made: readonly AssetMade[], now: number): WritePart {
  const each = [...new Map(made.map((one) => [one.asset, one])).values()].sort((one, other) =>
    one.asset < other.asset ? -1 : 1,
  );
  const column = (name: keyof AssetMade) => each.map((one) => one[name]);
  return { name: "made", sql: sql.UPDATE_ASSETS, values: [now, column("project"), column("asset"), column("runId")] };
}

/** Compares and sets, though they are locked: a cursor that is not where it was read is a defect. */
function moveCursors(moves: readonly CursorMove[], now: number): WritePart {
  const column = (name: keyof CursorMove) => moves.map((move) => move[name]);
  const values = [
    ...[now, column("project"), column("pipeline"), column("name"), column("version"), column("value")],
    ...[column("runId"), column("task"), column("actor")],
  ];
  return { name: "cursor", sql: sql.UPDATE_CURSORS, values, expected: moves.length };
}

function beginTimers(timers: readonly TimerInsert[]): WritePart {
  const column = (name: keyof TimerInsert) => timers.map((timer) => timer[name]);
  const values = [column("runKey"), column("taskRunKey"), column("kind"), column("generation"), column("dueAt")];
  return { name: "begin", sql: sql.INSERT_TIMERS, values };
}

function endTimers(timers: readonly TimerClear[]): WritePart {
  const kinds = timers.map(({ kind }) => kind ?? null);
  const values = [timers.map(({ runKey }) => runKey), timers.map(({ taskRunKey }) => taskRunKey), kinds];
  return { name: "untime", sql: sql.DELETE_TIMERS, values };
}

function insertAudits(audits: readonly AuditInsert[], now: number): WritePart {
  const column = (name: keyof AuditInsert) => audits.map((audit) => audit[name]);
  const values = [now, column("project"), column("actor"), column("action"), column("runKey"), column("details")];
  return { name: "audit", sql: sql.INSERT_AUDITS, values };
}

function insertEvents(events: readonly EventInsert[], now: number): WritePart {
  const runs = events.map((event) => event.runKey);
  const bodies = events.map((event) => JSON.stringify(event.body));
  return { name: "tell", sql: sql.INSERT_EVENTS, values: [now, runs, bodies] };
}

function keysOf(rows: readonly TaskRunRow[]): readonly number[] {
  return rows.map((row) => row.key);
}
