import type { DataInterval } from "../../core/instant.ts";
import type { IntervalRun } from "../../core/sensors/interval-cover.ts";
import type { RunId, SessionId } from "../store.ts";
import type { PollClaim, PollScope, WatchedPipeline } from "../watch-records.ts";
import type { WatchInsert, WatchRow, WatchTable, WatchUpdate } from "../watch-table.ts";
import type { SqliteConnection } from "./connection.ts";

export class SqliteWatches implements WatchTable {
  readonly #db: SqliteConnection;
  readonly #now: number;

  constructor(db: SqliteConnection, now: number) {
    this.#db = db;
    this.#now = now;
  }

  async nextPollAt({ project, queues, runs }: PollScope) {
    const times = queues.flatMap((queue) => {
      if (runs === undefined) return this.#db.get<NextRow>(SELECT_NEXT, project, queue)?.at ?? [];
      return this.#db.get<NextRow>(SELECT_NEXT_OF_RUNS, JSON.stringify(runs), project, queue)?.at ?? [];
    });
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async nextDeadline() {
    return this.#db.get<NextRow>(SELECT_NEXT_DEADLINE)?.at ?? undefined;
  }

  async runsMeeting({ project, pipeline }: WatchedPipeline, { start, end }: DataInterval) {
    return this.#db.all<IntervalRun>(SELECT_MEETING, project, pipeline, end, RUNS_MEETING_MAX, start);
  }

  async ofRun(run: RunId) {
    return this.#db.all<WatchRow>(SELECT_OF_RUN, run);
  }

  async claim(claim: PollClaim) {
    const session = this.#db.get<{ readonly key: number }>(SELECT_SESSION, claim.session);
    if (session === undefined) return [];
    return this.#due(claim).flatMap((key) => {
      this.#db.run(UPDATE_TAKEN, session.key, this.#now, this.#now, key);
      return this.#db.get<WatchRow>(SELECT_ONE, key) ?? [];
    });
  }

  async update(updates: readonly WatchUpdate[]) {
    return updates.flatMap((update) => {
      const { taskRunKey, generation, token, waitMs, isError, seen, memory, failure } = update;
      const facts = [this.#now + waitMs, Number(isError), this.#now, seen, memory, failure];
      const isCurrent = this.#db.run(UPDATE_WAITING, ...facts, taskRunKey, generation, token) === 1;
      return isCurrent ? [{ taskRunKey, generation, token }] : [];
    });
  }

  async giveBack(sessions: readonly SessionId[]) {
    for (const session of sessions) this.#db.run(UPDATE_GIVEN_BACK, this.#now, session);
  }

  async ofTaskRuns(taskRunKeys: readonly number[]) {
    return taskRunKeys.flatMap((key) => this.#db.get<WatchRow>(SELECT_KEY, key) ?? []);
  }

  async expired(limit: number) {
    return this.#db.all<{ key: number }>(SELECT_EXPIRED, this.#now, limit).map(({ key }) => key);
  }

  /** The longest waiting first, whatever their queue or run. */
  #due({ project, queues, runs, limit }: PollClaim): readonly number[] {
    const due = queues.flatMap((queue) => {
      if (runs === undefined) return this.#db.all<DueRow>(SELECT_DUE, project, queue, this.#now, limit);
      return this.#db.all<DueRow>(SELECT_DUE_OF_RUNS, JSON.stringify(runs), project, queue, this.#now, limit);
    });
    const inOrder = due.sort((one, other) => one.at - other.at || one.key - other.key);
    return inOrder.slice(0, limit).map(({ key }) => key);
  }
}

export function insertWatch(db: SqliteConnection, watch: WatchInsert, now: number): void {
  const { taskRunKey, runKey, generation, project, queue, token, lostPollMs, timeoutMs } = watch;
  db.run(INSERT, taskRunKey, runKey, generation, project, queue, token, now, now, lostPollMs, timeoutMs);
}

export function deleteWatch(db: SqliteConnection, taskRunKey: number): void {
  db.run(DELETE, taskRunKey);
}

interface NextRow {
  readonly at: number | null;
}

interface DueRow {
  readonly at: number;
  readonly key: number;
}

const SELECT_SESSION = "select key from session where id = ? and closed_at is null";

const INSERT = `
  insert or replace into watch (task_run_key, run_key, generation, project, queue, token, begun_at, next_poll_at,
    lost_poll_ms, timeout_ms, polls, errors)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`;

const DELETE = "delete from watch where task_run_key = ?";

const SELECT_NEXT = "select min(next_poll_at) as at from watch where project = ? and queue = ?";

const SELECT_NEXT_OF_RUNS = `
  select min(next_poll_at) as at
  from json_each(?) wanted cross join run on run.id = wanted.value
    cross join watch indexed by watch_by_run on watch.run_key = run.key
  where watch.project = ? and watch.queue = ?`;

const SELECT_DUE = `
  select next_poll_at as at, task_run_key as key from watch
  where project = ? and queue = ? and next_poll_at <= ? order by next_poll_at limit ?`;

const SELECT_DUE_OF_RUNS = `
  select next_poll_at as at, task_run_key as key
  from json_each(?) wanted cross join run on run.id = wanted.value
    cross join watch indexed by watch_by_run on watch.run_key = run.key
  where watch.project = ? and watch.queue = ? and next_poll_at <= ?
  order by next_poll_at limit ?`;

const UPDATE_TAKEN = `
  update watch
  set token = token + 1, session_key = ?, next_poll_at = ? + lost_poll_ms, deadline = coalesce(deadline, ? + timeout_ms)
  where task_run_key = ?`;

const UPDATE_WAITING = `
  update watch set session_key = null, next_poll_at = ?, polls = polls + 1, errors = (errors + 1) * ?, last_poll_at = ?,
    seen = coalesce(?, seen), memory = coalesce(?, memory), failure = ?
  where task_run_key = ? and generation = ? and token = ?`;

const UPDATE_GIVEN_BACK = `
  update watch set session_key = null, next_poll_at = ?
  where session_key = (select key from session where id = ?)`;

const WATCH = `
  select watch.task_run_key as taskRunKey, watch.generation, watch.token, run.id as runId,
    task_run.task_index as taskIndex, task_run.map_key as mapKey, watch.begun_at as since, watch.polls, watch.errors,
    watch.next_poll_at as nextPollAt, watch.deadline, watch.last_poll_at as lastPollAt, watch.seen, watch.failure,
    watch.memory
  from watch cross join task_run on task_run.key = watch.task_run_key cross join run on run.key = watch.run_key`;

/** Down to the runs before them, however long the history is. */
const RUNS_MEETING_MAX = 1_000;

const SELECT_MEETING = `
  select run.id, run.state, found.interval_start as start, found.interval_end as "end"
  from (
    select run_key, interval_start, interval_end from run_request
    where project = ? and pipeline = ? and only_tasks is null and interval_start <= ?
    order by interval_start desc, interval_end desc, run_key desc limit ?
  ) found cross join run on run.key = found.run_key
  where found.interval_end >= ? order by run.key desc`;

const SELECT_ONE = `${WATCH} where watch.task_run_key = ?`;

const SELECT_OF_RUN = `
  ${WATCH} where watch.run_key = (select key from run where id = ?) order by task_run.task_index, task_run.map_key`;

const SELECT_KEY = "select task_run_key as taskRunKey, generation, token from watch where task_run_key = ?";

const SELECT_NEXT_DEADLINE = "select min(deadline) as at from watch where deadline is not null";

const SELECT_EXPIRED = `
  select task_run_key as key from watch where deadline <= ? order by deadline, task_run_key limit ?`;
