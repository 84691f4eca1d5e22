import type { DataInterval } from "../../core/instant.ts";
import type { IntervalRun } from "../../core/sensors/interval-cover.ts";
import type { RunId, SessionId } from "../store.ts";
import type { PollClaim, PollKey, PollScope, WatchedPipeline } from "../watch-records.ts";
import type { WatchInsert, WatchRow, WatchTable, WatchUpdate } from "../watch-table.ts";
import type { PostgresConnection } from "./connection.ts";
import type { WritePart } from "./write-parts.ts";

export class PostgresWatches implements WatchTable {
  readonly #db: PostgresConnection;
  readonly #now: number;

  constructor(db: PostgresConnection, now: number) {
    this.#db = db;
    this.#now = now;
  }

  async nextPollAt({ project, queues, runs }: PollScope) {
    const scope = [project, queues, runs ?? null];
    return (
      (await this.#db.get<NextRow>(runs === undefined ? SELECT_NEXT : SELECT_NEXT_OF_RUNS, ...scope))?.at ?? undefined
    );
  }

  async nextDeadline() {
    return (await this.#db.get<NextRow>(SELECT_NEXT_DEADLINE))?.at ?? undefined;
  }

  runsMeeting({ project, pipeline }: WatchedPipeline, { start, end }: DataInterval) {
    return this.#db.all<IntervalRun>(SELECT_MEETING, project, pipeline, end, RUNS_MEETING_MAX, start);
  }

  ofRun(run: RunId) {
    return this.#db.all<WatchRow>(SELECT_OF_RUN, run);
  }

  async claim({ session, project, queues, runs, limit }: PollClaim) {
    const due = runs === undefined ? CLAIM : CLAIM_OF_RUNS;
    const keys = await this.#db.all<{ key: number }>(due, project, queues, runs ?? null, this.#now, limit, session);
    if (keys.length === 0) return [];
    return this.#db.all<WatchRow>(
      SELECT_TAKEN,
      keys.map(({ key }) => key),
    );
  }

  async update(unordered: readonly WatchUpdate[]) {
    // In the order of their keys, so that two transactions wait for each other and never both ways.
    const updates = [...unordered].sort((one, other) => one.taskRunKey - other.taskRunKey);
    const column = (name: keyof WatchUpdate) => updates.map((update) => update[name]);
    const identity = [column("taskRunKey"), column("generation"), column("token")];
    const facts = [column("waitMs"), column("isError"), column("seen"), column("memory"), column("failure")];
    return this.#db.all<PollKey>(UPDATE_WAITING, this.#now, ...identity, ...facts);
  }

  async giveBack(sessions: readonly SessionId[]) {
    this.#db.send(UPDATE_GIVEN_BACK, this.#now, sessions);
  }

  ofTaskRuns(taskRunKeys: readonly number[]) {
    return this.#db.all<PollKey>(SELECT_KEYS, taskRunKeys);
  }

  async expired(limit: number) {
    return (await this.#db.all<{ key: number }>(SELECT_EXPIRED, this.#now, limit)).map(({ key }) => key);
  }
}

export function insertWatches(watches: readonly WatchInsert[], now: number): WritePart {
  const column = (name: keyof WatchInsert) => watches.map((watch) => watch[name]);
  const values = [
    ...[now, column("taskRunKey"), column("runKey"), column("generation"), column("project"), column("queue")],
    ...[column("token"), column("lostPollMs"), column("timeoutMs")],
  ];
  return { name: "watch", sql: INSERT, values };
}

export function deleteWatches(taskRunKeys: readonly number[]): WritePart {
  return { name: "unwatch", sql: DELETE, values: [taskRunKeys] };
}

interface NextRow {
  readonly at: number | null;
}

const INSERT = `
  insert into watch (task_run_key, run_key, generation, project, queue, token, begun_at, next_poll_at, lost_poll_ms,
    timeout_ms, polls, errors)
  select task_run_key, run_key, generation, project, queue, token, $1, $1, lost_poll_ms, timeout_ms, 0, 0
  from unnest($2::bigint[], $3::bigint[], $4::integer[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
      $9::bigint[])
    as begun (task_run_key, run_key, generation, project, queue, token, lost_poll_ms, timeout_ms)
  on conflict (task_run_key) do update
    set generation = excluded.generation, token = excluded.token, begun_at = excluded.begun_at,
      next_poll_at = excluded.next_poll_at, session_key = null, deadline = null, polls = 0, errors = 0, last_poll_at = null, seen = null,
      failure = null, memory = null`;

/** Locked in the order of their keys, as everybody does. */
const DELETE = `
  delete from watch where task_run_key in (
    select task_run_key from watch where task_run_key = any($1::bigint[]) order by task_run_key for update)`;

const SELECT_NEXT = {
  name: "select_next_poll",
  text: `
    select min(next.at) as at from unnest($2::text[]) as wanted (queue)
      cross join lateral (
        select min(next_poll_at) as at from watch where project = $1 and queue = wanted.queue
      ) as next
    where $3::text[] is null`,
};

const SELECT_NEXT_OF_RUNS = {
  name: "select_next_poll_of_runs",
  text: `
    select min(watch.next_poll_at) as at from run join watch on watch.run_key = run.key
    where run.id = any($3::text[]) and watch.project = $1 and watch.queue = any($2::text[])`,
};

const TAKEN = `
  update watch
  set token = token + 1, next_poll_at = $4 + watch.lost_poll_ms,
    deadline = coalesce(watch.deadline, $4 + watch.timeout_ms), session_key = session.key
  from due, session
  where watch.task_run_key = due.task_run_key and session.id = $6 and session.closed_at is null
  returning watch.task_run_key as key`;

/** What another takes in the same moment is passed over. */
const CLAIM = {
  name: "claim_polls",
  text: `
    with due as materialized (
      select of_queue.task_run_key from unnest($2::text[]) as wanted (queue)
        cross join lateral (
          select task_run_key, next_poll_at from watch
          where project = $1 and queue = wanted.queue and next_poll_at <= $4
          order by next_poll_at limit $5 for update skip locked
        ) as of_queue
      where $3::text[] is null
      order by of_queue.next_poll_at limit $5
    )
    ${TAKEN}`,
};

const CLAIM_OF_RUNS = {
  name: "claim_polls_of_runs",
  text: `
    with due as materialized (
      select watch.task_run_key from run join watch on watch.run_key = run.key
      where run.id = any($3::text[]) and watch.project = $1 and watch.queue = any($2::text[])
        and watch.next_poll_at <= $4
      order by watch.next_poll_at limit $5 for update of watch skip locked
    )
    ${TAKEN}`,
};

const WATCH = `
  select watch.task_run_key as "taskRunKey", watch.generation, watch.token, run.id as "runId",
    task_run.task_index as "taskIndex", task_run.map_key as "mapKey", watch.begun_at as since, watch.polls, watch.errors,
    watch.next_poll_at as "nextPollAt", watch.deadline, watch.last_poll_at as "lastPollAt", watch.seen, watch.failure,
    watch.memory
  from watch join task_run on task_run.key = watch.task_run_key join run on run.key = watch.run_key`;

/** Down to the runs before them, however long the history is. */
const RUNS_MEETING_MAX = 1_000;

const SELECT_MEETING = {
  name: "select_runs_meeting",
  text: `
    select run.id, run.state, near.interval_start as start, near.interval_end as "end"
    from (
      select run_key, interval_start, interval_end from run_request
      where project = $1 and pipeline = $2 and only_tasks is null and interval_start <= $3
      order by interval_start desc, interval_end desc, run_key desc limit $4
    ) as near
      join run on run.key = near.run_key
    where near.interval_end >= $5 order by run.key desc`,
};

const SELECT_TAKEN = {
  name: "select_taken_polls",
  text: `${WATCH} where watch.task_run_key = any($1::bigint[]) order by watch.task_run_key`,
};

const SELECT_OF_RUN = {
  name: "select_watches_of_run",
  text: `${WATCH} where run.id = $1 order by task_run.task_index, task_run.map_key collate "C"`,
};

const UPDATE_WAITING = {
  name: "update_waiting_watches",
  text: `
    with told as materialized (
      select watch.task_run_key, told.wait_ms, told.is_error, told.seen, told.memory, told.failure
      from unnest($2::bigint[], $3::integer[], $4::bigint[], $5::bigint[], $6::boolean[], $7::text[], $8::text[],
          $9::text[])
        as told (task_run_key, generation, token, wait_ms, is_error, seen, memory, failure)
        join watch on watch.task_run_key = told.task_run_key and watch.generation = told.generation
          and watch.token = told.token
      order by watch.task_run_key for update of watch
    )
    update watch
    set session_key = null, next_poll_at = $1 + told.wait_ms, polls = polls + 1,
      errors = case when told.is_error then errors + 1 else 0 end, last_poll_at = $1,
      seen = coalesce(told.seen, watch.seen), memory = coalesce(told.memory, watch.memory), failure = told.failure
    from told where watch.task_run_key = told.task_run_key
    returning watch.task_run_key as "taskRunKey", watch.generation, watch.token`,
};

const UPDATE_GIVEN_BACK = {
  name: "give_back_polls",
  text: `
    update watch set session_key = null, next_poll_at = $1
    where session_key in (select key from session where id = any($2::text[]))`,
};

const SELECT_KEYS = {
  name: "select_watch_keys",
  text: `
    select task_run_key as "taskRunKey", generation, token from watch where task_run_key = any($1::bigint[])
    order by task_run_key`,
};

const SELECT_NEXT_DEADLINE = {
  name: "select_next_watch_deadline",
  text: "select min(deadline) as at from watch where deadline is not null",
};

const SELECT_EXPIRED = {
  name: "select_expired_watches",
  text: `
    select task_run_key as key from watch where deadline <= $1 order by deadline, task_run_key limit $2`,
};
