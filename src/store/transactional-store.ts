import type { Instant } from "../core/instant.ts";
import type { Position } from "../core/map-path.ts";
import { BatutaError } from "../core/problem.ts";
import type { PipelineLoad } from "../core/run-admission.ts";
import type { StoredValue } from "../core/value.ts";
import { admissiblePipelines, admitRuns } from "./admit-runs.ts";
import type { CacheEntry } from "./cache-records.ts";
import type { ChildRecord, ChildSettlement } from "./child-records.ts";
import { claimsOf } from "./claims-of.ts";
import { clear } from "./clear.ts";
import { CompiledPipelines } from "./compiled-pipelines.ts";
import { completeAndClaim, readAhead } from "./complete-and-claim.ts";
import { createRuns, type PlannedRun } from "./create-runs.ts";
import { actOnDeadLetters } from "./dead-letters.ts";
import { failStalledRuns } from "./fail-stalled-runs.ts";
import { fireTimers, timersDue } from "./fire-timers.ts";
import { holdersOf } from "./holders-of.ts";
import { toLaneRecord, toPausedPipeline, toPipelineLoad, toScopeRecord } from "./lane-records.ts";
import type {
  HolderRecord,
  LaneRecord,
  OverflowResult,
  PastRelease,
  PausedPipeline,
  PauseRequest,
  ScopeLimitChange,
  ScopeRecord,
} from "./limit-records.ts";
import { declaredLimits, setScopeLimit } from "./limits.ts";
import { mark } from "./mark.ts";
import { namedLetters } from "./named-letters.ts";
import type {
  Acting,
  ActionResult,
  AssignRequest,
  ClearRequest,
  DeadLetterFilter,
  DeadLetterRecord,
  DeadLetterRequest,
  MarkRequest,
  ResolveRequest,
  RetryRequest,
  StopActionRequest,
} from "./operator-store.ts";
import { pathPriorities } from "./path-priorities.ts";
import { pausePipeline, resumePipeline } from "./pause-pipeline.ts";
import { reapSessions } from "./reap-sessions.ts";
import {
  toAttemptRecord,
  toCacheEntry,
  toChildRecord,
  toEventRecord,
  toLeaseRecord,
  toRunRecord,
  toSessionRecord,
  toStoredValue,
  toTaskRunRecord,
} from "./records.ts";
import { actOrRehearse } from "./rehearse.ts";
import { pastWaits, releasePast } from "./release-past.ts";
import { releaseRetries, retriesDue } from "./release-retries.ts";
import { settleChildren } from "./settle-children.ts";
import { settleOverflows } from "./settle-overflows.ts";
import { stop } from "./stop.ts";
import type {
  AttemptRecord,
  Claim,
  ClaimRequest,
  Completion,
  EventPage,
  EventQuery,
  ExchangeResult,
  LeaseRecord,
  LostAttempt,
  NewRun,
  NewSession,
  OperatorResult,
  RetryRelease,
  RunFilter,
  RunId,
  RunRecord,
  SessionId,
  SessionRecord,
  SessionRenewal,
  Store,
  TaskRunFilter,
  TaskRunRecord,
  TimerFiring,
  VersionRecord,
} from "./store.ts";
import { TaskRunKeys } from "./task-run-keys.ts";
import type { Database, Transaction } from "./transaction.ts";
import { valuesOf } from "./values-of.ts";

/** The store over any database: each method is one transaction, written once for all dialects. */
export class TransactionalStore implements Store {
  readonly #database: Database;
  readonly #pipelines = new CompiledPipelines();
  readonly #keys: TaskRunKeys;

  constructor(database: Database) {
    this.#database = database;
    this.#keys = new TaskRunKeys((count) => database.reserveTaskRunKeys(count));
  }

  migrate(): Promise<void> {
    return this.#database.migrate();
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  now(): Promise<Instant> {
    return this.#database.read(async (rows) => rows.now);
  }

  saveVersion(version: VersionRecord): Promise<void> {
    const limits = declaredLimits(version);
    return this.#database.write(async (tx) => {
      await tx.saveVersion(version);
      if (limits.length > 0) await tx.declareScopes(version.project, limits);
    });
  }

  version(hash: string): Promise<VersionRecord | undefined> {
    return this.#database.read((rows) => rows.version(hash));
  }

  async createRuns(runs: readonly NewRun[]): Promise<readonly RunRecord[]> {
    const planned: PlannedRun[] = [];
    for (const run of runs) planned.push(await this.#plan(run));
    return this.#database.write(async (tx) => {
      await createRuns(tx, planned);
      const created = await Promise.all(runs.map(({ id }) => tx.run(id)));
      return created.map(existing);
    });
  }

  async admitRuns(): Promise<readonly RunId[]> {
    const admitted: RunId[] = [];
    for (const name of await this.#database.read(admissiblePipelines)) {
      admitted.push(...(await this.#database.write((tx) => admitRuns(tx, this.#pipelines, name))));
    }
    return admitted;
  }

  settleOverflows(): Promise<OverflowResult> {
    return settleOverflows(this.#database, this.#pipelines);
  }

  async releasePast(): Promise<PastRelease> {
    if (!(await this.#database.read(pastWaits))) return { waiting: 0, opened: 0, givenBack: 0 };
    return this.#database.write((tx) => releasePast(tx, this.#pipelines));
  }

  pipelineLoad(project: string, pipeline: string): Promise<PipelineLoad> {
    return this.#database.read(async (rows) => toPipelineLoad(await rows.pipelineLoad({ project, pipeline })));
  }

  async openSession(session: NewSession): Promise<SessionId> {
    await this.#database.write((tx) => tx.openSession(session));
    return session.id;
  }

  renewSession(session: SessionId): Promise<SessionRenewal> {
    return this.#database.write(async (tx) => ({ alive: await tx.renewSession(session) }));
  }

  async closeSession(session: SessionId): Promise<void> {
    await this.reapSessions([session]);
  }

  sessions(): Promise<readonly SessionRecord[]> {
    return this.#database.read(async (rows) => (await rows.sessions()).map(toSessionRecord));
  }

  reapSessions(sessions: readonly SessionId[]): Promise<readonly LostAttempt[]> {
    return this.#database.write((tx) => reapSessions(tx, this.#pipelines, sessions));
  }

  claimsOf(session: SessionId): Promise<readonly Claim[]> {
    return this.#database.write((tx) => claimsOf(tx, session));
  }

  async completeAndClaim(completions: readonly Completion[], claim: ClaimRequest | undefined): Promise<ExchangeResult> {
    const children = new Map<number, PlannedRun>();
    for (const [index, { child }] of completions.entries()) {
      if (child !== undefined) children.set(index, await this.#plan(child));
    }
    const ahead = readAhead(this.#pipelines, completions);
    return this.#database.write((tx) => completeAndClaim(tx, this.#pipelines, { completions, children }, claim), ahead);
  }

  settleChildren(): Promise<ChildSettlement> {
    return settleChildren(this.#database, this.#pipelines);
  }

  descendants(run: RunId): Promise<readonly ChildRecord[]> {
    return this.#database.read(async (rows) => (await rows.descendants(run)).map(toChildRecord));
  }

  async releaseRetries(): Promise<RetryRelease> {
    const due = await this.#database.read(retriesDue);
    return due === "due" ? this.#database.write((tx) => releaseRetries(tx, this.#pipelines)) : due;
  }

  async fireTimers(): Promise<TimerFiring> {
    const due = await this.#database.read(timersDue);
    return due === "due" ? this.#database.write((tx) => fireTimers(tx, this.#pipelines)) : due;
  }

  async cancelRun(run: RunId, actor: string): Promise<OperatorResult> {
    return this.#withRun(run, await this.stop({ run, how: "cancel", actor }));
  }

  clear(request: ClearRequest): Promise<ActionResult> {
    return this.#act(request, (tx) => clear(tx, this.#pipelines, request));
  }

  retry({ which, ...request }: RetryRequest): Promise<ActionResult> {
    const action = which === "all" ? "retry" : "retry_failed";
    return this.#act(request, (tx) => clear(tx, this.#pipelines, { ...request, tasks: [] }, action));
  }

  mark(request: MarkRequest): Promise<ActionResult> {
    return this.#act(request, (tx) => mark(tx, this.#pipelines, request));
  }

  stop(request: StopActionRequest): Promise<ActionResult> {
    return this.#act(request, (tx) => stop(tx, this.#pipelines, request));
  }

  deadLetters(filter: DeadLetterFilter): Promise<readonly DeadLetterRecord[]> {
    return this.#database.read(async (rows) => namedLetters(rows, this.#pipelines, await rows.deadLetters(filter)));
  }

  deadLetter(project: string, id: number): Promise<DeadLetterRecord | undefined> {
    return this.#database.read(async (rows) => {
      const [letter] = await namedLetters(rows, this.#pipelines, await rows.deadLettersById(project, [id]));
      return letter;
    });
  }

  replayDeadLetters(request: DeadLetterRequest): Promise<ActionResult> {
    return this.#act(request, (tx) => actOnDeadLetters(tx, this.#pipelines, request, { kind: "replay" }));
  }

  resolveDeadLetters(request: ResolveRequest): Promise<ActionResult> {
    const { note } = request;
    return this.#act(request, (tx) => actOnDeadLetters(tx, this.#pipelines, request, { kind: "resolve", note }));
  }

  assignDeadLetters(request: AssignRequest): Promise<ActionResult> {
    const { to } = request;
    return this.#act(request, (tx) => actOnDeadLetters(tx, this.#pipelines, request, { kind: "assign", to }));
  }

  leasesOf(session: SessionId): Promise<readonly LeaseRecord[]> {
    return this.#database.read(async (rows) => (await rows.leasesOfSessions([session])).map(toLeaseRecord));
  }

  async rerun(run: RunId, which: "all" | "failed", actor: string): Promise<OperatorResult> {
    return this.#withRun(run, await this.retry({ run, which, actor }));
  }

  async failStalledRuns(): Promise<readonly RunId[]> {
    const stalled = await this.#database.read((rows) => rows.stalledRuns());
    return stalled.length === 0 ? [] : this.#database.write((tx) => failStalledRuns(tx, this.#pipelines));
  }

  run(id: RunId): Promise<RunRecord | undefined> {
    return this.#database.read(async (rows) => {
      const row = await rows.run(id);
      return row === undefined ? undefined : toRunRecord(row);
    });
  }

  runs(filter: RunFilter): Promise<readonly RunRecord[]> {
    return this.#database.read(async (rows) => (await rows.runs(filter)).map(toRunRecord));
  }

  taskRuns(run: RunId, filter: TaskRunFilter = {}): Promise<readonly TaskRunRecord[]> {
    return this.#database.read(async (rows) =>
      Array.from(await rows.taskRunsOfRun(run, filter), (row) => toTaskRunRecord(row, run)),
    );
  }

  taskRunsAt(run: RunId, places: readonly Position[]): Promise<readonly TaskRunRecord[]> {
    return this.#database.read(async (rows) => {
      const row = await rows.run(run);
      return row === undefined
        ? []
        : (await rows.taskRunsAt(row.key, places)).map((found) => toTaskRunRecord(found, run));
    });
  }

  attempts(run: RunId, taskIndex?: number, mapKey?: string): Promise<readonly AttemptRecord[]> {
    return this.#database.read(async (rows) =>
      Array.from(await rows.attempts(run, taskIndex, mapKey), toAttemptRecord),
    );
  }

  outputs(run: RunId, taskIndexes: readonly number[]): Promise<ReadonlyMap<number, StoredValue>> {
    return this.#database.read(async (rows) => {
      const found = await rows.outputs(run, taskIndexes);
      return new Map(found.map((row) => [row.taskIndex, toStoredValue(row)]));
    });
  }

  values(taskRunKeys: readonly number[], bytesMax: number): Promise<readonly (StoredValue | undefined)[]> {
    return this.#database.read((rows) => valuesOf(rows, taskRunKeys, bytesMax));
  }

  cacheEntry(project: string, key: string): Promise<CacheEntry | undefined> {
    return this.#database.read(async (rows) => {
      const row = await rows.cacheEntry(project, key);
      return row === undefined ? undefined : toCacheEntry(row);
    });
  }

  events(query: EventQuery): Promise<EventPage> {
    return this.#database.read(async (rows) => {
      const events = (await rows.events(query)).map(toEventRecord);
      return { events, cursor: events.at(-1)?.cursor ?? query.after };
    });
  }

  lanes(): Promise<readonly LaneRecord[]> {
    return this.#database.read(async (rows) => {
      const lanes = await rows.lanes();
      const scopes = await rows.scopesOfLanes(lanes.filter((lane) => lane.scopes !== "").map(({ id }) => id));
      return lanes.map((lane) => toLaneRecord(lane, scopes));
    });
  }

  pausePipeline(pause: PauseRequest): Promise<boolean> {
    return this.#database.write((tx) => pausePipeline(tx, pause));
  }

  resumePipeline(resume: PauseRequest): Promise<boolean> {
    return this.#database.write((tx) => resumePipeline(tx, resume));
  }

  pausedPipelines(project: string): Promise<readonly PausedPipeline[]> {
    return this.#database.read(async (rows) => (await rows.pausedPipelines(project)).map(toPausedPipeline));
  }

  scopes(project: string, namePrefix: string): Promise<readonly ScopeRecord[]> {
    return this.#database.read(async (rows) => (await rows.scopes(project, namePrefix)).map(toScopeRecord));
  }

  scopeHolders(project: string, names: readonly string[]): Promise<readonly HolderRecord[]> {
    return this.#database.read((rows) => holdersOf(rows, this.#pipelines, project, names));
  }

  setScopeLimit(change: ScopeLimitChange): Promise<boolean> {
    return this.#database.write((tx) => setScopeLimit(tx, change));
  }

  async #plan(run: NewRun): Promise<PlannedRun> {
    const { pipeline, priorities } = await this.#database.read(async (rows) => {
      const found = await this.#pipelines.get(rows, run.versionHash, run.pipeline);
      return { pipeline: found, priorities: await pathPriorities(rows, this.#pipelines, run, found) };
    });
    return { run, pipeline, priorities, firstKey: await this.#keys.take(pipeline.spec.tasks.length) };
  }

  async #act(how: Acting, work: (tx: Transaction) => Promise<ActionResult>): Promise<ActionResult> {
    const result = await actOrRehearse(this.#database, how, work);
    // What waited for runs of other pipelines may wait no more, and those runs for others.
    if (how.dryRun !== true) while ((await this.settleChildren()).settled > 0);
    return result;
  }

  async #withRun(id: RunId, outcome: ActionResult): Promise<OperatorResult> {
    if (outcome.kind === "refused") return outcome;
    if (outcome.kind === "not_found") return { kind: "not_found" };
    const run = await this.run(id);
    if (run === undefined) return { kind: "not_found" };
    return { kind: "done", run, taskRuns: outcome.taskRuns.filter(({ stop }) => stop === undefined).length };
  }
}

function existing(row: Parameters<typeof toRunRecord>[0] | undefined): RunRecord {
  if (row === undefined) throw new BatutaError("internal", "A run that was created cannot be found.");
  return toRunRecord(row);
}
