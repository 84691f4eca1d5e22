import type { Instant } from "../core/instant.ts";
import { BatutaError } from "../core/problem.ts";
import type { PipelineLoad } from "../core/run-admission.ts";
import { admissiblePipelines, admitRuns } from "./admit-runs.ts";
import type { ChildRecord, ChildSettlement } from "./child-records.ts";
import { claimsOf } from "./claims-of.ts";
import { completeAndClaim, readAhead } from "./complete-and-claim.ts";
import { createRuns, type PlannedRun } from "./create-runs.ts";
import { failStalledRuns } from "./fail-stalled-runs.ts";
import { fireTimers, sooner, timersDue } from "./fire-timers.ts";
import { toPipelineLoad } from "./lane-records.ts";
import type { OverflowResult, PastRelease, PauseRequest, ScopeLimitChange } from "./limit-records.ts";
import { declaredLimits, setScopeLimit } from "./limits.ts";
import { deadlinesDue, missDeadlines } from "./miss-deadlines.ts";
import type { ActionResult } from "./operator-store.ts";
import { pausePipeline, resumePipeline } from "./pause-pipeline.ts";
import { reapSessions } from "./reap-sessions.ts";
import { toChildRecord, toLeaseRecord, toRunRecord, toSessionRecord } from "./records.ts";
import { rehearse } from "./rehearse.ts";
import { createForRehearsal } from "./rehearse-run.ts";
import { pastWaits, releasePast } from "./release-past.ts";
import { releaseRetries, retriesDue } from "./release-retries.ts";
import { settleChildren } from "./settle-children.ts";
import { settleOverflows } from "./settle-overflows.ts";
import type {
  Claim,
  ClaimRequest,
  Completion,
  ExchangeResult,
  LeaseRecord,
  LostAttempt,
  NewRun,
  NewSession,
  OperatorResult,
  RehearsedRun,
  RetryRelease,
  RunId,
  RunRecord,
  SessionId,
  SessionRecord,
  SessionRenewal,
  Store,
  TimerFiring,
  VersionRecord,
} from "./store.ts";
import type { KeylessRun } from "./store-base.ts";
import { StoredAssets } from "./stored-assets.ts";

/**
 * The store over any database: each method is one transaction, written once for all dialects. What belongs together
 * stands in a class of its own, each over the one before: facts, actions, schedules, events from outside, cursors,
 * sensors, backfills, deadlines, assets, and here what engines ask for.
 */
export class TransactionalStore extends StoredAssets implements Store {
  migrate(): Promise<void> {
    return this.database.migrate();
  }

  close(): Promise<void> {
    return this.database.close();
  }

  now(): Promise<Instant> {
    return this.database.read(async (rows) => rows.now);
  }

  saveVersion(version: VersionRecord): Promise<void> {
    const limits = declaredLimits(version);
    return this.database.write(async (tx) => {
      await tx.saveVersion(version);
      if (limits.length > 0) await tx.declareScopes(version.project, limits);
    });
  }

  version(hash: string): Promise<VersionRecord | undefined> {
    return this.database.read((rows) => rows.version(hash));
  }

  async createRuns(runs: readonly NewRun[]): Promise<readonly RunRecord[]> {
    const keyless = await this.database.read(async (rows) => {
      const found: KeylessRun[] = [];
      for (const run of runs) found.push(await this.planIn(rows, run));
      return found;
    });
    const planned: PlannedRun[] = [];
    for (const run of keyless) planned.push(await this.withKeys(run));
    return this.database.write(async (tx) => {
      await createRuns(tx, planned);
      const created = await Promise.all(runs.map(({ id }) => tx.run(id)));
      return created.map(existing);
    });
  }

  rehearseRun(version: VersionRecord, run: NewRun): Promise<RehearsedRun> {
    return rehearse(this.database, (tx) => createForRehearsal(tx, version, run, (rows) => this.planIn(rows, run)));
  }

  async admitRuns(): Promise<readonly RunId[]> {
    const admitted: RunId[] = [];
    for (const name of await this.database.read(admissiblePipelines)) {
      admitted.push(...(await this.database.write((tx) => admitRuns(tx, this.pipelines, name))));
    }
    return admitted;
  }

  settleOverflows(): Promise<OverflowResult> {
    return settleOverflows(this.database, this.pipelines);
  }

  async releasePast(): Promise<PastRelease> {
    if (!(await this.database.read(pastWaits))) return { waiting: 0, opened: 0, givenBack: 0 };
    return this.database.write((tx) => releasePast(tx, this.pipelines));
  }

  pipelineLoad(project: string, pipeline: string): Promise<PipelineLoad> {
    return this.database.read(async (rows) => toPipelineLoad(await rows.pipelineLoad({ project, pipeline })));
  }

  async openSession(session: NewSession): Promise<SessionId> {
    await this.database.write((tx) => tx.openSession(session));
    return session.id;
  }

  renewSession(session: SessionId): Promise<SessionRenewal> {
    return this.database.write(async (tx) => ({ alive: await tx.renewSession(session) }));
  }

  async closeSession(session: SessionId): Promise<void> {
    await this.reapSessions([session]);
  }

  sessions(): Promise<readonly SessionRecord[]> {
    return this.database.read(async (rows) => (await rows.sessions()).map(toSessionRecord));
  }

  reapSessions(sessions: readonly SessionId[]): Promise<readonly LostAttempt[]> {
    return this.database.write((tx) => reapSessions(tx, this.pipelines, sessions));
  }

  claimsOf(session: SessionId): Promise<readonly Claim[]> {
    return this.database.write((tx) => claimsOf(tx, session));
  }

  async completeAndClaim(completions: readonly Completion[], claim: ClaimRequest | undefined): Promise<ExchangeResult> {
    const children = new Map<number, PlannedRun>();
    for (const [index, { child }] of completions.entries()) {
      if (child !== undefined) children.set(index, await this.plan(child));
    }
    const ahead = readAhead(this.pipelines, completions);
    return this.database.write((tx) => completeAndClaim(tx, this.pipelines, { completions, children }, claim), ahead);
  }

  settleChildren(): Promise<ChildSettlement> {
    return settleChildren(this.database, this.pipelines);
  }

  descendants(run: RunId): Promise<readonly ChildRecord[]> {
    return this.database.read(async (rows) => (await rows.children.descendants(run)).map(toChildRecord));
  }

  async releaseRetries(): Promise<RetryRelease> {
    const due = await this.database.read(retriesDue);
    return due === "due" ? this.database.write((tx) => releaseRetries(tx, this.pipelines)) : due;
  }

  async fireTimers(): Promise<TimerFiring> {
    const due = await this.database.read(async (rows) => [await timersDue(rows), await deadlinesDue(rows)] as const);
    const [timers, deadlines] = due;
    return sooner(
      timers === "due" ? await this.database.write((tx) => fireTimers(tx, this.pipelines)) : timers,
      deadlines === "due" ? await this.database.write((tx) => missDeadlines(tx, this.pipelines)) : deadlines,
    );
  }

  async cancelRun(run: RunId, actor: string): Promise<OperatorResult> {
    return this.#withRun(run, await this.stop({ run, how: "cancel", actor }));
  }

  leasesOf(session: SessionId): Promise<readonly LeaseRecord[]> {
    return this.database.read(async (rows) => (await rows.leasesOfSessions([session])).map(toLeaseRecord));
  }

  async rerun(run: RunId, which: "all" | "failed", actor: string): Promise<OperatorResult> {
    return this.#withRun(run, await this.retry({ run, which, actor }));
  }

  async failStalledRuns(): Promise<readonly RunId[]> {
    const stalled = await this.database.read((rows) => rows.stalledRuns());
    return stalled.length === 0 ? [] : this.database.write((tx) => failStalledRuns(tx, this.pipelines));
  }

  pausePipeline(pause: PauseRequest): Promise<boolean> {
    return this.database.write((tx) => pausePipeline(tx, pause));
  }

  resumePipeline(resume: PauseRequest): Promise<boolean> {
    return this.database.write((tx) => resumePipeline(tx, resume));
  }

  setScopeLimit(change: ScopeLimitChange): Promise<boolean> {
    return this.database.write((tx) => setScopeLimit(tx, change));
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
