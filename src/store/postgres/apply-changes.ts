import {
  type AttemptEnd,
  type AuditInsert,
  type Changes,
  type CountChange,
  type DeadLetterOpened,
  type EventInsert,
  endedLeases,
  type OutputInsert,
  type RunChange,
  readyRows,
  type TaskRunMove,
  waitingRows,
} from "../changes.ts";
import type { TaskRunRow } from "../rows.ts";
import type { PostgresConnection } from "./connection.ts";

/** Sends everything that was decided, one statement for each table, without waiting in between. */
export function applyChanges(db: PostgresConnection, changes: Changes, now: number): void {
  const ready = readyRows(changes.moves);
  const waiting = waitingRows(changes.moves);
  some(ready.gone, (rows) => db.send(DELETE_READY, keysOf(rows)));
  some(waiting.gone, (rows) => db.send(DELETE_WAITING, keysOf(rows)));
  some(changes.moves, (moves) => updateTaskRuns(db, moves));
  some(changes.counts, (counts) => updateCounts(db, counts));
  some(ready.made, (rows) => insertReady(db, rows));
  some(waiting.made, (rows) => insertWaiting(db, rows));
  some(endedLeases(changes.moves), (keys) => db.send(DELETE_LEASES, keys));
  some(changes.attempts, (ends) => updateAttempts(db, ends, now));
  some(changes.outputsCleared, (keys) => db.send(DELETE_OUTPUTS, keys));
  some(changes.outputs, (outputs) => insertOutputs(db, outputs));
  some(changes.deadLettersOpened, (letters) => insertDeadLetters(db, letters, now));
  some(changes.deadLettersReplayed, (keys) => db.send(REPLAY_DEAD_LETTERS, now, keys));
  some(changes.runs, (runs) => updateRuns(db, runs));
  some(changes.audits, (audits) => insertAudits(db, audits, now));
  some(changes.events, (events) => insertEvents(db, events, now));
}

function some<T>(rows: readonly T[], write: (rows: readonly T[]) => void): void {
  if (rows.length > 0) write(rows);
}

/** Compares and sets: every row must be in the state, generation and token that were decided on. */
function updateTaskRuns(db: PostgresConnection, moves: readonly TaskRunMove[]): void {
  const before = <Key extends keyof TaskRunRow>(name: Key) => moves.map((move) => move.before[name]);
  const after = <Key extends keyof TaskRunRow>(name: Key) => moves.map((move) => move.after[name]);
  db.send(
    UPDATE_TASK_RUNS,
    ...[moves.length, before("key"), before("state"), before("generation"), before("token")],
    ...[after("state"), after("generation"), after("attempt"), after("lost"), after("dueAt"), after("queuedAt")],
    ...[after("startedAt"), after("finishedAt"), after("reason"), after("failure")],
    ...[after("total"), after("success"), after("failed"), after("upstreamFailed"), after("skipped")],
  );
}

function updateCounts(db: PostgresConnection, changes: readonly CountChange[]): void {
  db.send(
    UPDATE_COUNTS,
    changes.map(({ key }) => key),
    changes.map(({ counts }) => counts.total),
    changes.map(({ counts }) => counts.success),
    changes.map(({ counts }) => counts.failed),
    changes.map(({ counts }) => counts.upstreamFailed),
    changes.map(({ counts }) => counts.skipped),
  );
}

function insertReady(db: PostgresConnection, rows: readonly TaskRunRow[]): void {
  const runs = rows.map((row) => row.runKey);
  const lanes = rows.map((row) => row.laneId);
  db.send(
    INSERT_READY,
    keysOf(rows),
    runs,
    lanes,
    rows.map((row) => row.queuedAt),
  );
}

function insertWaiting(db: PostgresConnection, rows: readonly TaskRunRow[]): void {
  db.send(
    INSERT_WAITING,
    keysOf(rows),
    rows.map((row) => row.runKey),
    rows.map((row) => row.dueAt),
  );
}

function updateAttempts(db: PostgresConnection, ends: readonly AttemptEnd[], now: number): void {
  db.send(
    UPDATE_ATTEMPTS,
    now,
    ends.length,
    ends.map((end) => end.taskRunKey),
    ends.map((end) => end.token),
    ends.map((end) => end.outcome),
    ends.map((end) => end.failure),
    ends.map((end) => end.cpuMs),
    ends.map((end) => end.peakMemoryBytes),
  );
}

function insertOutputs(db: PostgresConnection, outputs: readonly OutputInsert[]): void {
  db.send(
    INSERT_OUTPUTS,
    outputs.map((output) => output.taskRunKey),
    outputs.map((output) => output.token),
    outputs.map(({ value }) => (value.kind === "inline" ? value.json : null)),
    outputs.map(({ value }) => (value.kind === "blob" ? value.hash : null)),
    outputs.map(({ value }) => (value.kind === "blob" ? value.bytes : null)),
  );
}

function insertDeadLetters(db: PostgresConnection, letters: readonly DeadLetterOpened[], now: number): void {
  const runs = letters.map((letter) => letter.runKey);
  const taskRuns = letters.map((letter) => letter.taskRunKey);
  db.send(
    INSERT_DEAD_LETTERS,
    now,
    runs,
    taskRuns,
    letters.map((letter) => letter.generation),
  );
}

function updateRuns(db: PostgresConnection, runs: readonly RunChange[]): void {
  db.send(
    UPDATE_RUNS,
    runs.map((run) => run.key),
    runs.map((run) => run.unfinished),
    runs.map((run) => run.failing),
    runs.map(({ state }) => state?.to ?? null),
    runs.map(({ state }) => state?.startedAt ?? null),
    runs.map(({ state }) => state?.finishedAt ?? null),
    runs.map(({ state }) => state?.reason ?? null),
  );
}

function insertAudits(db: PostgresConnection, audits: readonly AuditInsert[], now: number): void {
  for (const { project, actor, action, runKey, details } of audits) {
    db.send(INSERT_AUDIT, now, project, actor, action, runKey, details);
  }
}

function insertEvents(db: PostgresConnection, events: readonly EventInsert[], now: number): void {
  const bodies = events.map((event) => JSON.stringify(event.body));
  db.send(
    INSERT_EVENTS,
    now,
    events.map((event) => event.runKey),
    bodies,
  );
}

function keysOf(rows: readonly TaskRunRow[]): readonly number[] {
  return rows.map((row) => row.key);
}

const DELETE_READY = { name: "delete_ready", text: "delete from ready where task_run_key = any($1::bigint[])" };

const DELETE_WAITING = { name: "delete_waiting", text: "delete from waiting where task_run_key = any($1::bigint[])" };

const UPDATE_TASK_RUNS = {
  name: "update_task_runs",
  text: `
    with changed as (
      update task_run
      set state = made.state, generation = made.generation, attempt = made.attempt, lost = made.lost,
        due_at = made.due_at, queued_at = made.queued_at, started_at = made.started_at,
        finished_at = made.finished_at, reason = made.reason, failure = made.failure, up_total = made.total,
        up_success = made.success, up_failed = made.failed, up_upstream_failed = made.upstream_failed,
        up_skipped = made.skipped
      from unnest($2::bigint[], $3::text[], $4::integer[], $5::bigint[], $6::text[], $7::integer[], $8::integer[],
          $9::integer[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::text[],
          $16::integer[], $17::integer[], $18::integer[], $19::integer[], $20::integer[])
        as made (key, old_state, old_generation, old_token, state, generation, attempt, lost, due_at, queued_at,
          started_at, finished_at, reason, failure, total, success, failed, upstream_failed, skipped)
      where task_run.key = made.key and task_run.state = made.old_state
        and task_run.generation = made.old_generation and task_run.token = made.old_token
      returning 1
    )
    select all_changed((select count(*) from changed), $1, 'task runs')`,
};

/** No comparison: only who has locked the run writes counts. */
const UPDATE_COUNTS = {
  name: "update_counts",
  text: `
    update task_run
    set up_total = made.total, up_success = made.success, up_failed = made.failed,
      up_upstream_failed = made.upstream_failed, up_skipped = made.skipped
    from unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[], $5::integer[], $6::integer[])
      as made (key, total, success, failed, upstream_failed, skipped)
    where task_run.key = made.key`,
};

const INSERT_READY = {
  name: "insert_ready",
  text: `
    insert into ready (task_run_key, run_key, lane_id, queued_at)
    select * from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::bigint[])`,
};

const INSERT_WAITING = {
  name: "insert_waiting",
  text: `
    insert into waiting (task_run_key, run_key, due_at)
    select * from unnest($1::bigint[], $2::bigint[], $3::bigint[])`,
};

const DELETE_LEASES = { name: "delete_leases", text: "delete from lease where task_run_key = any($1::bigint[])" };

const UPDATE_ATTEMPTS = {
  name: "update_attempts",
  text: `
    with changed as (
      update attempt
      set finished_at = $1, outcome = ended.outcome, failure = ended.failure, cpu_ms = ended.cpu_ms,
        peak_memory_bytes = ended.peak_memory_bytes
      from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::float8[], $8::bigint[])
        as ended (task_run_key, token, outcome, failure, cpu_ms, peak_memory_bytes)
      where attempt.task_run_key = ended.task_run_key and attempt.token = ended.token
        and attempt.finished_at is null
      returning 1
    )
    select all_changed((select count(*) from changed), $2, 'attempts')`,
};

const DELETE_OUTPUTS = { name: "delete_outputs", text: "delete from output where task_run_key = any($1::bigint[])" };

const INSERT_OUTPUTS = {
  name: "insert_outputs",
  text: `
    insert into output (task_run_key, token, json, blob_hash, blob_bytes)
    select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])`,
};

const INSERT_DEAD_LETTERS = {
  name: "insert_dead_letters",
  text: `
    insert into dead_letter (opened_at, state, run_key, task_run_key, generation)
    select $1, 'open', run_key, task_run_key, generation
    from unnest($2::bigint[], $3::bigint[], $4::integer[]) as opened (run_key, task_run_key, generation)`,
};

const REPLAY_DEAD_LETTERS = {
  name: "replay_dead_letters",
  text: `
    update dead_letter set state = 'replayed', closed_at = $1
    where task_run_key = any($2::bigint[]) and state = 'open'`,
};

/** Without a new state, the rest stays as it was. */
const UPDATE_RUNS = {
  name: "update_runs",
  text: `
    update run
    set unfinished = made.unfinished, failing = made.failing, state = coalesce(made.state, run.state),
      started_at = case when made.state is null then run.started_at else made.started_at end,
      finished_at = case when made.state is null then run.finished_at else made.finished_at end,
      reason = case when made.state is null then run.reason else made.reason end
    from unnest($1::bigint[], $2::integer[], $3::integer[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
      as made (key, unfinished, failing, state, started_at, finished_at, reason)
    where run.key = made.key`,
};

const INSERT_AUDIT = {
  name: "insert_audit",
  text: "insert into audit (at, project, actor, action, run_key, details) values ($1, $2, $3, $4, $5, $6)",
};

const INSERT_EVENTS = {
  name: "insert_events",
  text: `
    insert into event (at, run_key, body)
    select $1, run_key, body
    from unnest($2::bigint[], $3::text[]) with ordinality as noted (run_key, body, place)
    order by place`,
};
