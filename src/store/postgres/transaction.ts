import type { Instant } from "../../core/instant.ts";
import type { Position } from "../../core/map-path.ts";
import type { ScopeLimit } from "../../core/scope.ts";
import type { Changes, EventInsert } from "../changes.ts";
import type { LaneRequest } from "../lane-of.ts";
import type { DeadLetterFilter } from "../operator-store.ts";
import type { PauseRow, PipelineName } from "../rows.ts";
import type { EventQuery, NewSession, RunFilter, RunId, SessionId, TaskRunFilter, VersionRecord } from "../store.ts";
import type { ClaimGrant, ClaimScope, RunInsert, TaskRunInsert, Transaction } from "../transaction.ts";
import {
  lockPipelines,
  selectPipelineLoad,
  selectPipelineLoads,
  selectPipelinesWithQueuedRuns,
  selectQueuedRuns,
  selectTaskDurations,
} from "./admission-rows.ts";
import { applyChanges } from "./apply-changes.ts";
import { PostgresAssets } from "./asset-rows.ts";
import { selectAttempts } from "./attempt-rows.ts";
import { PostgresBackfills } from "./backfill-rows.ts";
import { selectCacheEntry } from "./cache-rows.ts";
import { PostgresChildren } from "./child-rows.ts";
import { claimReady, tryGate, waitForGate } from "./claim.ts";
import { type CommitReceipt, markOf, selectNumber } from "./commit-receipt.ts";
import type { PostgresConnection } from "./connection.ts";
import { PostgresCursors } from "./cursor-rows.ts";
import { selectDeadLetters, selectDeadLettersById, selectOpenDeadLetters } from "./dead-letter-rows.ts";
import { PostgresDeadlines } from "./deadline-rows.ts";
import { selectEvents, selectNewestEvent } from "./event-rows.ts";
import {
  selectClaimableLanes,
  selectReadyLanes,
  selectReadyTaskRuns,
  updateRotation,
  upsertLanes,
} from "./lane-rows.ts";
import { countLeases, selectLeases, selectLeasesOfSessions } from "./lease-rows.ts";
import { selectNeighbourRuns } from "./neighbour-rows.ts";
import { selectOutput, selectOutputSizes, selectOutputs, selectOutputsOf } from "./output-rows.ts";
import { PostgresPastRows } from "./past-rows.ts";
import { deletePause, insertPause, selectPaused } from "./pipeline-state-rows.ts";
import {
  insertRuns,
  lockRun,
  lockRunsOf,
  selectFullRun,
  selectFullRuns,
  selectLastEnded,
  selectRunsWithIds,
  selectStalledRuns,
} from "./run-rows.ts";
import { PostgresScheduleRows } from "./schedule-rows.ts";
import type { Schema } from "./schema.ts";
import {
  selectBackgroundUse,
  selectHolders,
  selectScopes,
  selectScopesOfLanes,
  updateOverride,
  upsertScopes,
} from "./scope-rows.ts";
import type { SentAhead } from "./sent-ahead.ts";
import { insertSession, selectOpenSessions, updateClosed, updateRenewed } from "./session-rows.ts";
import { PostgresSignals } from "./signal-rows.ts";
import {
  insertTaskRuns,
  selectDueRetries,
  selectNextRetryAt,
  selectTaskRuns,
  selectTaskRunsAt,
  selectTaskRunsOfRun,
  takeItemKeys,
} from "./task-run-rows.ts";
import { selectDueTimers, selectNextTimerAt } from "./timer-rows.ts";
import type { TransactionStart } from "./transaction-start.ts";
import { PostgresTriggers } from "./trigger-rows.ts";
import { insertVersion, selectVersion } from "./version-rows.ts";
import { PostgresWatches } from "./watch-rows.ts";

/**
 * PostgreSQL's half of the contract. Reads are waited for; writes are only sent, and are known to have happened when
 * the transaction has committed.
 */
export class PostgresTransaction implements Transaction {
  readonly now: Instant;
  readonly signals: PostgresSignals;
  readonly assets: PostgresAssets;
  readonly children: PostgresChildren;
  readonly cursors: PostgresCursors;
  readonly deadlines: PostgresDeadlines;
  readonly watches: PostgresWatches;
  readonly backfills: PostgresBackfills;
  readonly triggers: PostgresTriggers;
  readonly #db: PostgresConnection;
  readonly #schema: Schema;
  readonly #sent: SentAhead | undefined;
  #claimed = 0;
  #number: string | undefined;
  #mark: EventInsert | undefined;

  constructor(db: PostgresConnection, { schema, now, sent }: TransactionStart) {
    this.#db = db;
    this.#schema = schema;
    this.now = now;
    this.signals = new PostgresSignals(db, now);
    this.assets = new PostgresAssets(db, now);
    this.children = new PostgresChildren(db);
    this.cursors = new PostgresCursors(db);
    this.deadlines = new PostgresDeadlines(db, now);
    this.watches = new PostgresWatches(db, now);
    this.backfills = new PostgresBackfills(db, now);
    this.triggers = new PostgresTriggers(db, now);
    this.#sent = sent;
  }

  /** Task runs claimed so far. */
  get claimed(): number {
    return this.#claimed;
  }

  async receipt(): Promise<CommitReceipt> {
    this.#number ??= await selectNumber(this.#db);
    return { number: this.#number, mark: this.#mark };
  }

  get past() {
    return new PostgresPastRows(this.#db);
  }

  get schedules() {
    return new PostgresScheduleRows(this.#db, this.#schema, this.now);
  }

  version(hash: string) {
    return selectVersion(this.#db, hash);
  }

  async saveVersion(version: VersionRecord) {
    insertVersion(this.#db, version, this.now);
  }

  async openSession(session: NewSession) {
    insertSession(this.#db, session, this.now);
  }

  renewSession(id: SessionId) {
    return updateRenewed(this.#db, id, this.now);
  }

  async closeSessions(ids: readonly SessionId[]) {
    updateClosed(this.#db, ids, this.now);
  }

  sessions() {
    return selectOpenSessions(this.#db);
  }

  leasesOfSessions(ids: readonly SessionId[]) {
    return selectLeasesOfSessions(this.#db, ids);
  }

  leases(taskRunKeys: readonly number[]) {
    return this.#sent?.leases(taskRunKeys) ?? selectLeases(this.#db, taskRunKeys);
  }

  insertRuns(runs: readonly RunInsert[]) {
    return insertRuns(this.#db, runs, this.now);
  }

  async insertTaskRuns(rows: readonly TaskRunInsert[]) {
    insertTaskRuns(this.#db, rows);
  }

  laneIds(lanes: readonly LaneRequest[]) {
    return upsertLanes(this.#db, lanes);
  }

  readyTaskRuns(laneId: number, limit: number) {
    return selectReadyTaskRuns(this.#db, laneId, limit);
  }

  scopesOfLanes(laneIds: readonly number[]) {
    return selectScopesOfLanes(this.#db, laneIds, this.now);
  }

  backgroundUse(laneIds: readonly number[]) {
    return selectBackgroundUse(this.#db, laneIds);
  }

  scopes(project: string, namePrefix: string) {
    return selectScopes(this.#db, project, namePrefix, this.now);
  }

  pipelinesWithQueuedRuns() {
    return selectPipelinesWithQueuedRuns(this.#db);
  }

  pipelineLoad(name: PipelineName) {
    return selectPipelineLoad(this.#db, name);
  }

  pipelineLoads(names: readonly PipelineName[]) {
    return selectPipelineLoads(this.#db, names);
  }

  async lockPipelines(names: readonly PipelineName[]) {
    lockPipelines(this.#db, this.#schema.pipelines, names);
  }

  taskDurations(name: PipelineName, runs: number) {
    return selectTaskDurations(this.#db, name, runs);
  }

  queuedRuns(name: PipelineName, limit: number) {
    return selectQueuedRuns(this.#db, name, limit);
  }

  scopeHolders(project: string, names: readonly string[], limit: number) {
    return selectHolders(this.#db, { project, names, limit });
  }

  async declareScopes(project: string, limits: readonly ScopeLimit[]) {
    upsertScopes(this.#db, project, limits);
  }

  overrideScope(project: string, name: string, slots: number | null) {
    return updateOverride(this.#db, project, name, slots);
  }

  pausePipeline(pause: Omit<PauseRow, "pausedAt">) {
    return insertPause(this.#db, pause, this.now);
  }

  resumePipeline(project: string, pipeline: string) {
    return deletePause(this.#db, project, pipeline);
  }

  lastEndedRuns(project: string, pipeline: string, limit: number) {
    return selectLastEnded(this.#db, { project, pipeline, limit });
  }

  pausedPipelines(project: string) {
    return selectPaused(this.#db, project);
  }

  lockRunsOf(taskRunKeys: readonly number[]) {
    return this.#sent?.lockedRunsOf(taskRunKeys) ?? lockRunsOf(this.#db, this.#schema.runs, taskRunKeys);
  }

  lockRun(id: RunId) {
    return lockRun(this.#db, this.#schema.runs, id);
  }

  run(id: RunId) {
    return selectFullRun(this.#db, id);
  }

  runsWithIds(ids: readonly RunId[]) {
    return selectRunsWithIds(this.#db, ids);
  }

  runs(filter: RunFilter) {
    return selectFullRuns(this.#db, filter);
  }

  stalledRuns() {
    return selectStalledRuns(this.#db);
  }

  taskRuns(keys: readonly number[]) {
    return this.#sent?.taskRuns(keys) ?? selectTaskRuns(this.#db, keys);
  }

  taskRunsOfRun(id: RunId, filter: TaskRunFilter) {
    return selectTaskRunsOfRun(this.#db, id, filter);
  }

  taskRunsAt(runKey: number, positions: readonly Position[]) {
    return selectTaskRunsAt(this.#db, runKey, positions);
  }

  output(taskRunKey: number) {
    return selectOutput(this.#db, taskRunKey);
  }

  itemKeys(count: number) {
    return takeItemKeys(this.#db, count);
  }

  dueRetries(limit: number) {
    return selectDueRetries(this.#db, this.now, limit);
  }

  nextRetryAt() {
    return selectNextRetryAt(this.#db);
  }

  nextTimerAt() {
    return selectNextTimerAt(this.#db);
  }

  dueTimers() {
    return selectDueTimers(this.#db, this.now);
  }

  attempts(id: RunId, taskIndex?: number, mapKey?: string) {
    return selectAttempts(this.#db, { id, taskIndex, mapKey });
  }

  deadLetters(filter: DeadLetterFilter) {
    return selectDeadLetters(this.#db, filter);
  }

  deadLettersById(project: string, ids: readonly number[]) {
    return selectDeadLettersById(this.#db, project, ids);
  }

  openDeadLetters(taskRunKeys: readonly number[]) {
    return selectOpenDeadLetters(this.#db, taskRunKeys);
  }

  neighbourRuns(of: RunId, side: "past" | "future", limit: number) {
    return selectNeighbourRuns(this.#db, of, side, limit);
  }

  outputs(id: RunId, taskIndexes: readonly number[]) {
    return selectOutputs(this.#db, id, taskIndexes);
  }

  outputSizes(taskRunKeys: readonly number[]) {
    return selectOutputSizes(this.#db, taskRunKeys);
  }

  outputsOf(taskRunKeys: readonly number[]) {
    return selectOutputsOf(this.#db, taskRunKeys);
  }

  cacheEntry(project: string, key: string) {
    return selectCacheEntry(this.#db, { project, key, now: this.now });
  }

  events(query: EventQuery) {
    return selectEvents(this.#db, query);
  }

  newestEvent() {
    return selectNewestEvent(this.#db);
  }

  lanes() {
    return selectReadyLanes(this.#db);
  }

  async apply(changes: Changes) {
    this.#mark ??= markOf(changes.events);
    applyChanges(this.#db, changes, this.now);
  }

  async tryClaimGate() {
    const { taken, xid } = await tryGate(this.#db, this.#schema.gate);
    this.#number = xid ?? undefined;
    return taken;
  }

  async closeClaimGate() {
    waitForGate(this.#db, this.#schema.gate);
  }

  claimableLanes(scope: ClaimScope, slots: number) {
    return selectClaimableLanes(this.#db, scope, slots);
  }

  leaseCounts(session: SessionId) {
    return countLeases(this.#db, session);
  }

  async claim(grants: readonly ClaimGrant[], scope: ClaimScope) {
    const claimed = await claimReady(this.#db, grants, scope, this.now);
    this.#number ??= claimed[0]?.xid;
    this.#claimed += claimed.length;
    return claimed.map(({ xid: _, ...row }) => row);
  }

  async rotateLanes(laneIds: readonly number[]) {
    updateRotation(this.#db, laneIds);
  }
}
