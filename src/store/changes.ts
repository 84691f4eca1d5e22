import type { Instant } from "../core/instant.ts";
import type { OperatorAction } from "../core/operator-actions.ts";
import { waitsInAttempt } from "../core/past-wait.ts";
import type { RunState, TaskRunState } from "../core/state.ts";
import type { StopKind } from "../core/stop-request.ts";
import type { UpstreamCounts } from "../core/trigger-rule.ts";
import type { StoredValue } from "../core/value.ts";
import type { AssetMade } from "./asset-rows.ts";
import type { BackfillAction } from "./backfill-records.ts";
import type { CursorMove } from "./cursor-moves.ts";
import type { EventBody } from "./event-body.ts";
import type { TaskRunRow, TimerKind } from "./rows.ts";
import type { RunId } from "./store.ts";
import type { WatchInsert } from "./watch-table.ts";

/**
 * What a transaction writes, as data: decided by `WorkingSet`, applied by a dialect. `ready`, `waiting` and
 * `lease` rows follow from the moves, so that they cannot disagree with the states.
 */
export interface Changes {
  readonly moves: readonly TaskRunMove[];
  /** Task runs of items, as they begin. */
  readonly made: readonly TaskRunRow[];
  readonly counts: readonly CountChange[];
  readonly runs: readonly RunChange[];
  readonly attempts: readonly AttemptEnd[];
  readonly stops: readonly StopInsert[];
  /** Task runs that held slots of scopes and hold none any more. */
  readonly sharesEnded: readonly number[];
  /** Those that hold only slots of scopes by now that count what is deferred. */
  readonly sharesDeferred: readonly number[];
  readonly outputs: readonly OutputInsert[];
  /** Task runs whose value is no more. */
  readonly outputsCleared: readonly number[];
  readonly deadLettersOpened: readonly DeadLetterOpened[];
  /** Results to be taken again, at most one for a key. */
  readonly cached: readonly CacheInsert[];
  /** Of those with a deadline. */
  readonly assetsMade: readonly AssetMade[];
  /** Cursors that were locked. */
  readonly cursors: readonly CursorMove[];
  readonly timersBegun: readonly TimerInsert[];
  readonly timersEnded: readonly TimerClear[];
  /** Sensors that begin to wait. */
  readonly watchesBegun: readonly WatchInsert[];
  /** Task runs of sensors that wait no more. */
  readonly watchesEnded: readonly number[];
  readonly deadLettersClosed: readonly DeadLetterClosed[];
  readonly deadLettersAssigned: readonly DeadLetterAssigned[];
  readonly events: readonly EventInsert[];
  readonly audits: readonly AuditInsert[];
}

/** A task run that changed its state: the row it was decided on, and the row as it is now. */
export interface TaskRunMove {
  readonly before: TaskRunRow;
  readonly after: TaskRunRow;
}

/** A task run that kept its state while its upstream went on. */
export interface CountChange {
  readonly key: number;
  readonly counts: UpstreamCounts;
}

export interface RunChange {
  readonly key: number;
  readonly unfinished: number;
  readonly failing: number;
  readonly taskCount: number;
  /** Absent while the run stays in its state. */
  readonly state?: {
    readonly to: RunState;
    readonly startedAt: Instant | null;
    readonly finishedAt: Instant | null;
    readonly reason: string | null;
  };
}

export interface AttemptEnd {
  readonly taskRunKey: number;
  readonly token: number;
  readonly outcome: "success" | "failed" | "skipped" | "cancelled" | "lost";
  readonly failure: string | null;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
}

/** A running attempt is asked to stop. */
export interface StopInsert {
  readonly taskRunKey: number;
  readonly kind: StopKind;
  /** JSON of a `StopRequest`. */
  readonly stop: string;
}

export interface OutputInsert {
  readonly taskRunKey: number;
  readonly token: number;
  readonly value: StoredValue;
  readonly items: number | null;
  readonly labels: string | null;
}

export interface DeadLetterOpened {
  readonly taskRunKey: number;
  readonly runKey: number;
  readonly generation: number;
}

export interface CacheInsert {
  readonly project: string;
  readonly key: string;
  readonly runId: RunId;
  readonly taskRunKey: number;
  readonly value: StoredValue | null;
  readonly expiresAt: Instant | null;
}

/**
 * So many results whose time is over go with those that are kept now: more than come, so that they do not pile up, and no
 * more, so that nobody waits for them.
 */
export function expiredToDrop(cached: readonly CacheInsert[]): number {
  return cached.length + EXPIRED_BESIDES;
}

const EXPIRED_BESIDES = 10;

/** A deadline. One that stands already for the same generation stays as it is. */
export interface TimerInsert extends TimerClear {
  readonly kind: TimerKind;
  /** Of the task run; 0 for a run's own. */
  readonly generation: number;
  readonly dueAt: Instant;
}

export interface TimerClear {
  readonly runKey: number;
  /** 0 for the run's own. */
  readonly taskRunKey: number;
  /** Absent = all kinds. */
  readonly kind?: TimerKind;
}

/** The open dead letter of a task run is closed. */
export interface DeadLetterClosed {
  readonly taskRunKey: number;
  readonly state: "replayed" | "resolved";
  readonly by: string;
  readonly note: string | null;
}

/** The open dead letter of a task run is given to somebody; null takes it back. */
export interface DeadLetterAssigned {
  readonly taskRunKey: number;
  readonly to: string | null;
}

export interface EventInsert {
  readonly runKey: number;
  readonly body: EventBody;
}

export interface AuditInsert {
  readonly project: string;
  readonly actor: string;
  readonly action:
    | OperatorAction
    | "retry_newest"
    | "pause"
    | "resume"
    | "set_limit"
    | "set_cursor"
    | "backfill"
    | `${BackfillAction}_backfill`;
  /** null = it was done to no run. */
  readonly runKey: number | null;
  /** JSON. */
  readonly details: string;
}

/** Rows of a table that mirrors some states, as they follow from the moves. */
export interface MirrorChange {
  readonly gone: readonly TaskRunRow[];
  readonly made: readonly TaskRunRow[];
}

export function readyRows({ moves, made }: Pick<Changes, "moves" | "made">): MirrorChange {
  return mirrored({ moves, made }, (state) => state === "queued");
}

/** A row that goes on waiting, for something else, is made over what is there. */
export function waitingRows(changes: Pick<Changes, "moves" | "made">): MirrorChange {
  const { gone, made } = mirrored(changes, (state) => state === "retrying" || state === "deferred");
  if (gone.length === 0 || made.length === 0) return { gone, made };
  const stay = new Set(made.map(({ key }) => key));
  return { gone: gone.filter(({ key }) => !stay.has(key)), made };
}

/** Where slots are given back: all of them, or but for those of scopes that count what waits within its attempt. */
export function endedShares(moves: readonly TaskRunMove[]): Pick<Changes, "sharesEnded" | "sharesDeferred"> {
  const held = moves.filter(({ before }) => before.state === "running" || waitsInAttempt(before));
  const [deferred, ended] = [true, false].map((waits) =>
    held.filter(({ after }) => waitsInAttempt(after) === waits).map(({ before }) => before.key),
  );
  return { sharesEnded: ended ?? [], sharesDeferred: deferred ?? [] };
}

/** The leases that end with the moves. They begin by claims alone. */
export function endedLeases(moves: readonly TaskRunMove[]): readonly number[] {
  return moves.filter((move) => move.before.state === "running").map((move) => move.before.key);
}

function mirrored(
  { moves, made }: Pick<Changes, "moves" | "made">,
  isMirrored: (state: TaskRunState) => boolean,
): MirrorChange {
  const moved = moves.map(({ after }) => after).filter(({ state }) => isMirrored(state));
  return {
    gone: moves.map(({ before }) => before).filter(({ state }) => isMirrored(state)),
    made: made.length === 0 ? moved : [...moved, ...made.filter(({ state }) => isMirrored(state))],
  };
}
