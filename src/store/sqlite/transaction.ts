import type { Instant } from "../../core/instant.ts";
import type { Position } from "../../core/map-path.ts";
import type { ScopeLimit } from "../../core/scope.ts";
import type { Changes } from "../changes.ts";
import type { LaneRequest } from "../lane-of.ts";
import type { DeadLetterFilter } from "../operator-store.ts";
import type { PauseRow, PipelineName } from "../rows.ts";
import type { EventQuery, NewSession, RunFilter, RunId, SessionId, TaskRunFilter, VersionRecord } from "../store.ts";
import type { ClaimGrant, ClaimScope, RunInsert, TaskRunInsert, Transaction } from "../transaction.ts";
import {
  selectPipelineLoad,
  selectPipelinesWithQueuedRuns,
  selectQueuedRuns,
  selectTaskDurations,
} from "./admission-rows.ts";
import { applyChanges } from "./apply-changes.ts";
import { SqliteAssets } from "./asset-rows.ts";
import { selectAttempts } from "./attempt-rows.ts";
import { SqliteBackfills } from "./backfill-rows.ts";
import { selectCacheEntry } from "./cache-rows.ts";
import { SqliteChildren } from "./child-rows.ts";
import { claimReady } from "./claim.ts";
import type { SqliteConnection } from "./connection.ts";
import { SqliteCursors } from "./cursor-rows.ts";
import { selectDeadLetters, selectDeadLettersById, selectOpenDeadLetters } from "./dead-letter-rows.ts";
import { SqliteDeadlines } from "./deadline-rows.ts";
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
import { SqlitePastRows } from "./past-rows.ts";
import { deletePause, insertPause, selectPaused } from "./pipeline-state-rows.ts";
import {
  insertRun,
  selectFullRun,
  selectFullRuns,
  selectLastEnded,
  selectRun,
  selectRunsOf,
  selectStalledRuns,
} from "./run-rows.ts";
import { SqliteScheduleRows } from "./schedule-rows.ts";
import {
  selectBackgroundUse,
  selectHolders,
  selectScopes,
  selectScopesOfLanes,
  updateOverride,
  upsertScopes,
} from "./scope-rows.ts";
import { insertSession, selectOpenSessions, updateClosed, updateRenewed } from "./session-rows.ts";
import { SqliteSignals } from "./signal-rows.ts";
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
import { SqliteTriggers } from "./trigger-rows.ts";
import { insertVersion, selectVersion } from "./version-rows.ts";
import { SqliteWatches } from "./watch-rows.ts";

/**
 * SQLite's half of the contract. Its writers stand in one line from `begin immediate` to `commit`, so a lock on a run
 * and the claim gate are held by every transaction anyway.
 */
export class SqliteTransaction implements Transaction {
  readonly now: Instant;
  readonly signals: SqliteSignals;
  readonly assets: SqliteAssets;
  readonly children: SqliteChildren;
  readonly cursors: SqliteCursors;
  readonly deadlines: SqliteDeadlines;
  readonly watches: SqliteWatches;
  readonly backfills: SqliteBackfills;
  readonly triggers: SqliteTriggers;
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection, now: Instant) {
    this.#db = db;
    this.now = now;
    this.assets = new SqliteAssets(db, now);
    this.children = new SqliteChildren(db);
    this.cursors = new SqliteCursors(db);
    this.deadlines = new SqliteDeadlines(db, now);
    this.watches = new SqliteWatches(db, now);
    this.signals = new SqliteSignals(db, now);
    this.backfills = new SqliteBackfills(db, now);
    this.triggers = new SqliteTriggers(db, now);
  }

  get past() {
    return new SqlitePastRows(this.#db);
  }

  get schedules() {
    return new SqliteScheduleRows(this.#db, this.now);
  }

  async version(hash: string) {
    return selectVersion(this.#db, hash);
  }

  async saveVersion(version: VersionRecord) {
    insertVersion(this.#db, version, this.now);
  }

  async openSession(session: NewSession) {
    insertSession(this.#db, session, this.now);
  }

  async renewSession(id: SessionId) {
    return updateRenewed(this.#db, id, this.now);
  }

  async closeSessions(ids: readonly SessionId[]) {
    updateClosed(this.#db, ids, this.now);
  }

  async sessions() {
    return selectOpenSessions(this.#db);
  }

  async leasesOfSessions(ids: readonly SessionId[]) {
    return selectLeasesOfSessions(this.#db, ids);
  }

  async leases(taskRunKeys: readonly number[]) {
    return selectLeases(this.#db, taskRunKeys);
  }

  async insertRuns(runs: readonly RunInsert[]) {
    return runs.map((run) => insertRun(this.#db, run, this.now));
  }

  async insertTaskRuns(rows: readonly TaskRunInsert[]) {
    insertTaskRuns(this.#db, rows);
  }

  async laneIds(lanes: readonly LaneRequest[]) {
    return upsertLanes(this.#db, lanes);
  }

  async readyTaskRuns(laneId: number, limit: number) {
    return selectReadyTaskRuns(this.#db, laneId, limit);
  }

  async scopesOfLanes(laneIds: readonly number[]) {
    return selectScopesOfLanes(this.#db, laneIds, this.now);
  }

  async backgroundUse(laneIds: readonly number[]) {
    return selectBackgroundUse(this.#db, laneIds);
  }

  async scopes(project: string, namePrefix: string) {
    return selectScopes(this.#db, project, namePrefix, this.now);
  }

  async pipelinesWithQueuedRuns() {
    return selectPipelinesWithQueuedRuns(this.#db);
  }

  async pipelineLoad(name: PipelineName) {
    return selectPipelineLoad(this.#db, name);
  }

  async pipelineLoads(names: readonly PipelineName[]) {
    return names.map((name) => selectPipelineLoad(this.#db, name));
  }

  async lockPipelines() {}

  async taskDurations(name: PipelineName, runs: number) {
    return selectTaskDurations(this.#db, name, runs);
  }

  async queuedRuns(name: PipelineName, limit: number) {
    return selectQueuedRuns(this.#db, name, limit);
  }

  async scopeHolders(project: string, names: readonly string[], limit: number) {
    return selectHolders(this.#db, { project, names, limit });
  }

  async declareScopes(project: string, limits: readonly ScopeLimit[]) {
    upsertScopes(this.#db, project, limits);
  }

  async overrideScope(project: string, name: string, slots: number | null) {
    return updateOverride(this.#db, project, name, slots);
  }

  async pausePipeline(pause: Omit<PauseRow, "pausedAt">) {
    return insertPause(this.#db, pause, this.now);
  }

  async resumePipeline(project: string, pipeline: string) {
    return deletePause(this.#db, project, pipeline);
  }

  async lastEndedRuns(project: string, pipeline: string, limit: number) {
    return selectLastEnded(this.#db, { project, pipeline, limit });
  }

  async pausedPipelines(project: string) {
    return selectPaused(this.#db, project);
  }

  async lockRunsOf(taskRunKeys: readonly number[]) {
    return selectRunsOf(this.#db, taskRunKeys);
  }

  async lockRun(id: RunId) {
    return selectRun(this.#db, id);
  }

  async run(id: RunId) {
    return selectFullRun(this.#db, id);
  }

  async runsWithIds(ids: readonly RunId[]) {
    return ids.flatMap((id) => selectFullRun(this.#db, id) ?? []);
  }

  async runs(filter: RunFilter) {
    return selectFullRuns(this.#db, filter);
  }

  async stalledRuns() {
    return selectStalledRuns(this.#db);
  }

  async taskRuns(keys: readonly number[]) {
    return selectTaskRuns(this.#db, keys);
  }

  async taskRunsOfRun(id: RunId, filter: TaskRunFilter) {
    return selectTaskRunsOfRun(this.#db, id, filter);
  }

  async taskRunsAt(runKey: number, positions: readonly Position[]) {
    return selectTaskRunsAt(this.#db, runKey, positions);
  }

  async output(taskRunKey: number) {
    return selectOutput(this.#db, taskRunKey);
  }

  async itemKeys(count: number) {
    return takeItemKeys(this.#db, count);
  }

  async dueRetries(limit: number) {
    return selectDueRetries(this.#db, this.now, limit);
  }

  async nextRetryAt() {
    return selectNextRetryAt(this.#db);
  }

  async nextTimerAt() {
    return selectNextTimerAt(this.#db);
  }

  async dueTimers() {
    return selectDueTimers(this.#db, this.now);
  }

  async attempts(id: RunId, taskIndex?: number, mapKey?: string) {
    return selectAttempts(this.#db, { id, taskIndex, mapKey });
  }

  async deadLetters(filter: DeadLetterFilter) {
    return selectDeadLetters(this.#db, filter);
  }

  async deadLettersById(project: string, ids: readonly number[]) {
    return selectDeadLettersById(this.#db, project, ids);
  }

  async openDeadLetters(taskRunKeys: readonly number[]) {
    return selectOpenDeadLetters(this.#db, taskRunKeys);
  }

  async neighbourRuns(of: RunId, side: "past" | "future", limit: number) {
    return selectNeighbourRuns(this.#db, of, side, limit);
  }

  async outputs(id: RunId, taskIndexes: readonly number[]) {
    return selectOutputs(this.#db, id, taskIndexes);
  }

  async outputSizes(taskRunKeys: readonly number[]) {
    return selectOutputSizes(this.#db, taskRunKeys);
  }

  async outputsOf(taskRunKeys: readonly number[]) {
    return selectOutputsOf(this.#db, taskRunKeys);
  }

  async cacheEntry(project: string, key: string) {
    return selectCacheEntry(this.#db, { project, key, now: this.now });
  }

  async events(query: EventQuery) {
    return selectEvents(this.#db, query);
  }

  async newestEvent() {
    return selectNewestEvent(this.#db);
  }

  async lanes() {
    return selectReadyLanes(this.#db);
  }

  async apply(changes: Changes) {
    applyChanges(this.#db, changes, this.now);
  }

  async tryClaimGate() {
    return true;
  }

  async closeClaimGate() {}

  async claimableLanes(scope: ClaimScope, slots: number) {
    return selectClaimableLanes(this.#db, scope, slots);
  }

  async leaseCounts(session: SessionId) {
    return countLeases(this.#db, session);
  }

  async claim(grants: readonly ClaimGrant[], scope: ClaimScope) {
    return claimReady(this.#db, grants, scope, this.now);
  }

  async rotateLanes(laneIds: readonly number[]) {
    updateRotation(this.#db, laneIds);
  }
}
