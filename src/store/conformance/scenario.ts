import type { Failure } from "../../core/failure.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import type { RunState, TaskRunState } from "../../core/state.ts";
import type { ProjectLimits } from "../../core/task-scopes.ts";
import { sha256Hex } from "../../ports/digest.ts";
import type {
  Claim,
  ClaimRequest,
  CompletionResult,
  EventRecord,
  ExchangeResult,
  NewRun,
  RunId,
  RunRecord,
  SessionId,
  Store,
  TaskRunRecord,
} from "../store.ts";
import { checkInvariants } from "./invariants.ts";
import { ManualClock } from "./manual-clock.ts";
import { manifestOf, type PipelineSketch } from "./pipelines.ts";
import type { OpenedStore, Subject } from "./subject.ts";

const FAILURE: Failure = { reason: "error", message: "It broke." };
export const SUCCESS: CompletionResult = { kind: "success" };
export const FAILED: CompletionResult = { kind: "failed", failure: FAILURE };
export const SKIPPED: CompletionResult = { kind: "skipped", reason: "skip()" };
export const LOST: CompletionResult = { kind: "lost", failure: { reason: "lost", message: "The process vanished." } };
export const CANCELLED: CompletionResult = { kind: "cancelled", failure: { reason: "cancelled", message: "Stopped." } };

export function retrying(delayMs: number): CompletionResult {
  return { kind: "retrying", failure: FAILURE, delayMs };
}

/** What differs from a plain run, and from a plain pipeline. */
export interface RunSketch extends Partial<NewRun> {
  readonly spec?: Partial<PipelineSpec>;
}

/** A fresh store with a project, and the words in which the tests speak of it. */
export class Scenario implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly opened: OpenedStore;
  readonly store: Store;
  session: SessionId = "session-1";
  /** What the project says of limits in the versions planned from now on. */
  limits: ProjectLimits = {};
  #runs = 0;
  readonly #names = new Map<RunId, readonly string[]>();

  static async begin(subject: Subject): Promise<Scenario> {
    const clock = new ManualClock();
    const scenario = new Scenario(clock, await subject.open(clock));
    await scenario.openSession("session-1");
    return scenario;
  }

  private constructor(clock: ManualClock, opened: OpenedStore) {
    this.clock = clock;
    this.opened = opened;
    this.store = opened.store;
  }

  async openSession(id: SessionId, project = "shop"): Promise<SessionId> {
    const process = { hostname: "host", hostId: "boot", pid: 4711, startTime: "1" };
    return this.store.openSession({ id, project, role: "server", process, leaseMs: 10_000, runs: null });
  }

  /** Saves a version that holds this one pipeline and creates a run of it. */
  async start(tasks: PipelineSketch, more: RunSketch = {}): Promise<RunId> {
    const [run] = await this.startMany([tasks], more);
    if (run === undefined) throw new Error("No run was created");
    return run.id;
  }

  async startMany(sketches: readonly PipelineSketch[], more: RunSketch = {}): Promise<readonly RunRecord[]> {
    const planned: NewRun[] = [];
    for (const tasks of sketches) planned.push(await this.plan(tasks, more));
    return this.store.createRuns(planned);
  }

  /** A run to create, its version saved. */
  async plan(tasks: PipelineSketch, { spec, ...more }: RunSketch = {}): Promise<NewRun> {
    const { pipeline = "daily", project = "shop" } = more;
    const manifest = { ...manifestOf({ [pipeline]: tasks }, spec), ...this.limits };
    const versionHash = sha256Hex(JSON.stringify(manifest));
    await this.store.saveVersion({ hash: versionHash, project, manifest });
    this.#runs += 1;
    const id = more.id ?? `run-${String(this.#runs).padStart(4, "0")}`;
    this.#names.set(id, Object.keys(tasks));
    return {
      id,
      project,
      pipeline,
      versionHash,
      trigger: "manual",
      interval: { start: 0, end: 86_400_000 },
      timezone: "UTC",
      ds: "1970-01-01",
      params: { region: "eu" },
      requestKey: "request",
      actor: "tester",
      ...more,
    };
  }

  async claim(slots = 1_000, more: Partial<ClaimRequest> = {}): Promise<readonly Claim[]> {
    return (await this.exchange([], { slots, ...more })).claims;
  }

  /** Ends claims with a result each and claims nothing. */
  async end(claims: readonly Claim[], result: CompletionResult): Promise<ExchangeResult> {
    return this.exchange(claims.map((claim) => [claim, result]));
  }

  async exchange(
    results: readonly (readonly [Claim, CompletionResult])[],
    claim?: Partial<ClaimRequest>,
  ): Promise<ExchangeResult> {
    const completions = results.map(([{ taskRunKey, token }, result]) => {
      return { taskRunKey, token, session: this.session, result };
    });
    const request = { session: this.session, slots: 1_000, queues: ["default"], ...claim };
    return this.store.completeAndClaim(completions, claim === undefined ? undefined : request);
  }

  /** Claims and ends, again and again, until no run and no task run may begin; tasks end as `resultOf` says, by name. */
  async runOut(resultOf: (task: string, claim: Claim) => CompletionResult = () => SUCCESS): Promise<void> {
    do {
      for (let claims = await this.claim(); claims.length > 0; claims = await this.claim()) {
        await this.exchange(claims.map((claim) => [claim, resultOf(this.nameOf(claim), claim)]));
      }
    } while ((await this.store.admitRuns()).length > 0);
  }

  nameOf({ runId, taskIndex }: { readonly runId: RunId; readonly taskIndex: number }): string {
    return this.#names.get(runId)?.[taskIndex] ?? "?";
  }

  /** Names of claimed tasks, in order. */
  names(claims: readonly { readonly runId: RunId; readonly taskIndex: number }[]): readonly string[] {
    return claims.map((claim) => this.nameOf(claim));
  }

  async states(run: RunId): Promise<Readonly<Record<string, TaskRunState>>> {
    const rows = await this.store.taskRuns(run);
    return Object.fromEntries(rows.filter(({ mapKey }) => mapKey === "").map((row) => [this.nameOf(row), row.state]));
  }

  async runState(run: RunId): Promise<RunState | undefined> {
    return (await this.store.run(run))?.state;
  }

  async taskRun(run: RunId, task: string): Promise<TaskRunRecord> {
    const index = this.#names.get(run)?.indexOf(task) ?? -1;
    const [row] = await this.store.taskRuns(run, { taskIndexes: [index] });
    if (row === undefined) throw new Error(`${run} has no task run of ${task}`);
    return row;
  }

  async events(run?: RunId): Promise<readonly EventRecord[]> {
    await this.opened.eventsReadable();
    const page = await this.store.events({ limit: 100_000, ...(run === undefined ? {} : { run }) });
    return page.events;
  }

  /** The state changes of one task, as `scheduled>queued`. */
  async edges(run: RunId, task: string): Promise<readonly string[]> {
    const index = this.#names.get(run)?.indexOf(task);
    return (await this.events(run)).flatMap(({ body }) =>
      body.kind === "task_state" && body.taskIndex === index ? [`${body.from}>${body.to}`] : [],
    );
  }

  /** Ends every test: whatever it did, the rows must agree with each other. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.check();
    } finally {
      await this.opened.close();
    }
  }

  check(): Promise<void> {
    return checkInvariants(this.opened);
  }
}
