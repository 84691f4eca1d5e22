import { BatutaError } from "../core/problem.ts";
import type { RunState } from "../core/state.ts";
import type { Executor } from "../execution/executor.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeployRequest, DeployResult } from "../store/schedule-store.ts";
import type {
  BackfillAdvance,
  ExchangeResult,
  NewRun,
  NewSession,
  OperatorResult,
  RunId,
  RunRecord,
  Store,
} from "../store/store.ts";
import { AssetKeeper } from "./asset-keeper.ts";
import { AttemptOrders } from "./attempt-orders.ts";
import { Backfiller } from "./backfiller.ts";
import { Canceller } from "./canceller.ts";
import { ChildRuns, queuesOf } from "./child-runs.ts";
import { ChildWatch } from "./child-watch.ts";
import { ClaimedWork } from "./claimed-work.ts";
import { CompiledVersions } from "./compiled-versions.ts";
import { Dispatcher } from "./dispatcher.ts";
import { OverflowKeeper } from "./overflow-keeper.ts";
import type { OwnerProcesses } from "./owner-processes.ts";
import { PastKeeper } from "./past-keeper.ts";
import { PollOrders } from "./poll-orders.ts";
import { Poller } from "./poller.ts";
import { Reaper } from "./reaper.ts";
import { RetryTimer } from "./retry-timer.ts";
import { RunAdmitter } from "./run-admitter.ts";
import { RunWatch } from "./run-watch.ts";
import { Scheduling } from "./scheduling.ts";
import type { DutyProblem, Service } from "./service.ts";
import { SessionKeeper } from "./session-keeper.ts";
import { StallWatch } from "./stall-watch.ts";
import { StoreSensors } from "./store-sensors.ts";
import { Timekeeper } from "./timekeeper.ts";
import { Triggering } from "./triggering.ts";
import { Watcher } from "./watcher.ts";

export interface EngineParts {
  readonly store: Store;
  readonly executor: Executor;
  readonly clock: Clock;
  readonly processes: OwnerProcesses;
  /** Whose task runs this engine executes; the default queue unless given. */
  readonly queues?: readonly string[];
  /** How often duties look for what other processes did to the same store; 250 ms unless given. */
  readonly pollMs?: number;
}

export interface EngineEvents {
  /** A duty's turn failed; it will be tried again. */
  readonly onProblem?: (problem: DutyProblem) => void;
  /** Rows changed: whoever shows them may read again. A hint, never a fact. */
  readonly onChange?: () => void;
  /** The lease is gone: all attempts have been stopped, another engine may take them up. */
  readonly onLost?: (error: BatutaError) => void;
}

const DEFAULT_QUEUE = "default";

const POLL_MS = 250;
/** Runs of backfills that end within so long are followed by others in one transaction: live ones do not wait for many. */
const BACKFILL_GATHER_MS = 25;
/** What is a defect, or of which a hint tells: it is looked for this many times less often. */
const STALL_POLLS = 40;

/**
 * The duties of one process of Batuta over one store, wired together. Owns no rows and no rules: it starts the duties
 * in the order in which they need each other, passes hints between them, and stops them in reverse.
 */
export class Engine implements Service {
  readonly #parts: EngineParts;
  readonly #session: NewSession;
  readonly #events: EngineEvents;
  readonly #versions: CompiledVersions;
  readonly #work: ClaimedWork;
  readonly #dispatcher: Dispatcher;
  readonly #dispatching: Poller;
  readonly #retrying: Poller;
  readonly #watch: RunWatch;
  readonly #watching: Poller;
  readonly #keeping: Poller;
  readonly #reaper: Reaper;
  readonly #cancelling: Poller;
  readonly #timing: Poller;
  readonly #admitting: Poller;
  readonly #overflowing: Poller;
  readonly #pastKeeper: PastKeeper;
  readonly #backfiller: Backfiller;
  readonly #backfilling: Poller;
  readonly #releasing: Poller;
  readonly #joining: Poller;
  readonly #scheduling: Scheduling;
  readonly #triggering: Triggering;
  readonly #watcher: Watcher;
  readonly #sensing: Poller;
  /** Beside the dispatcher, in starting order. */
  readonly #duties: readonly Service[];
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: EngineParts, session: NewSession, events: EngineEvents = {}) {
    const { store, executor, clock, queues = [DEFAULT_QUEUE], pollMs = POLL_MS } = parts;
    this.#parts = parts;
    this.#session = session;
    this.#events = events;
    this.#versions = new CompiledVersions(store);
    const orders = new AttemptOrders(store, this.#versions);
    const children = new ChildRuns(this.#versions, executor, clock);
    this.#work = new ClaimedWork(queues, session.runs);
    const scope = { session: session.id, work: this.#work, pollMs, clock };
    this.#dispatcher = new Dispatcher(store, executor, { orders, children }, scope);
    const keeper = new SessionKeeper(store, session.id, session.leaseMs, clock);
    const retryTimer = new RetryTimer(store, pollMs);
    const stallWatch = new StallWatch(store, pollMs * STALL_POLLS);
    const admitter = new RunAdmitter(store, pollMs);
    this.#pastKeeper = new PastKeeper(store, pollMs);
    this.#backfiller = new Backfiller(store, session, clock, pollMs);
    const overflowKeeper = new OverflowKeeper(store, pollMs * STALL_POLLS);
    const childWatch = new ChildWatch(store, pollMs);
    const timekeeper = new Timekeeper(store, pollMs);
    const sensors = { store, executor, orders: new PollOrders(orders), own: new StoreSensors(store) };
    this.#watcher = new Watcher(sensors, { ...scope, project: session.project });
    this.#reaper = new Reaper(store, session, parts.processes, clock);
    this.#watch = new RunWatch(store, pollMs);

    const problem = (report: DutyProblem): void => events.onProblem?.(report);
    const poller = (duty: ConstructorParameters<typeof Poller>[0]): Poller => new Poller(duty, clock, problem);
    this.#dispatching = poller(this.#dispatcher);
    this.#retrying = poller(retryTimer);
    this.#watching = poller(this.#watch);
    this.#keeping = poller(keeper);
    this.#cancelling = poller(new Canceller(store, session.id, this.#dispatcher, pollMs));
    this.#timing = poller(timekeeper);
    this.#admitting = poller(admitter);
    this.#overflowing = poller(overflowKeeper);
    this.#releasing = poller(this.#pastKeeper);
    this.#joining = poller(childWatch);
    const starting = { store, versions: this.#versions, executor, clock, pollMs, onProblem: problem };
    this.#scheduling = new Scheduling(starting, () => this.wake());
    this.#triggering = new Triggering({ ...starting, project: session.project }, () => this.wake());
    this.#backfilling = poller(this.#backfiller);
    this.#sensing = poller(this.#watcher);
    this.#duties = [
      ...[this.#retrying, this.#timing, this.#watching, this.#cancelling, this.#sensing],
      ...[this.#admitting, this.#overflowing, this.#releasing, this.#joining, poller(this.#reaper), poller(stallWatch)],
      // Who executes a run of its own alone makes no others.
      ...(session.runs === null ? [this.#scheduling, this.#triggering] : []),
      ...(session.runs === null ? [poller(new AssetKeeper(store, pollMs))] : []),
      ...(Backfiller.isFor(session) ? [this.#backfilling] : []),
    ];

    this.#dispatcher.onWork = () => this.#dispatching.wake();
    this.#dispatcher.onExchange = (result) => this.#afterExchange(result);
    this.#watcher.onAnswer = () => this.#sensing.wake();
    this.#watcher.onEnded = ({ finishedRuns }) => this.#afterEnds(finishedRuns);
    retryTimer.onReady = () => this.wake();
    timekeeper.onFired = () => this.#afterDeadline();
    this.#pastKeeper.onReleased = () => {
      this.#admitting.wake();
      this.wake();
    };
    overflowKeeper.onSettled = () => this.#afterDeadline();
    childWatch.onSettled = () => this.#afterDeadline();
    admitter.onAdmitted = () => this.wake();
    this.#backfiller.onAdvanced = (advance) => this.#afterBackfill(advance);
    this.#reaper.onLost = () => this.wake();
    stallWatch.onStalled = () => this.wake();
    keeper.onLost = () => void this.#giveUp();
  }

  async start(): Promise<void> {
    this.#starting ??= this.#start();
    await this.#starting;
  }

  async #start(): Promise<void> {
    await this.#parts.store.openSession(this.#session);
    await this.#includeDescendants(this.#session.runs ?? []);
    // What a dead owner on this host has left is taken back before anything is claimed.
    await this.#reaper.poll();
    await this.#keeping.start();
    for (const duty of this.#duties) await duty.start();
    await this.#dispatching.start();
  }

  /** Stops what runs, gives it back to the store as lost, and ends the session; whoever asks again waits for the same end. */
  async stop(): Promise<void> {
    if (this.#starting === undefined) return;
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  async #stop(): Promise<void> {
    // Runs for which nobody waits any more are told to end while somebody is here to end them.
    await this.#parts.store.settleChildren().catch(() => undefined);
    this.#dispatcher.drain();
    this.#watcher.drain();
    // What is still starting would go on behind its back.
    await this.#starting?.catch(() => undefined);
    await this.#parts.executor.close();
    for (const duty of [...this.#duties].reverse()) await duty.stop();
    await this.#dispatching.stop();
    try {
      await this.#dispatcher.settle();
    } finally {
      // What the store does not take now is found by whoever opens it next; nothing here goes on meanwhile.
      await this.#keeping.stop();
    }
    await this.#parts.store.closeSession(this.#session.id);
  }

  /** Creates runs and starts on them at once. */
  async createRuns(runs: readonly NewRun[]): Promise<readonly RunRecord[]> {
    const created = await this.#parts.store.createRuns(runs);
    this.wake();
    return created;
  }

  /** Makes a version the current one; its schedules take effect at once. */
  async deploy(request: DeployRequest): Promise<DeployResult> {
    const result = await this.#parts.store.deploy(request);
    this.#scheduling.wake();
    this.#triggering.lookForFiles();
    return result;
  }

  async cancelRun(run: RunId, actor: string): Promise<OperatorResult> {
    const result = await this.#parts.store.cancelRun(run, actor);
    this.#cancelling.wake();
    this.wake();
    return result;
  }

  /** Executes task runs of these queues too. */
  includeQueues(queues: Iterable<string>): void {
    this.#work.includeQueues(queues);
    this.wake();
  }

  /** Resolves when the run has ended, here or elsewhere. */
  whenEnded(run: RunId): Promise<RunState> {
    const ended = this.#watch.whenEnded(run);
    this.#watching.wake();
    return ended;
  }

  /** Something may have become ready: look now, not at the next poll. */
  wake(): void {
    this.#dispatching.wake();
    this.#timing.wake();
    this.#sensing.wake();
    this.#events.onChange?.();
  }

  /** Runs that an earlier engine of these runs has started. */
  async #includeDescendants(runs: readonly RunId[]): Promise<void> {
    for (const run of runs) {
      for (const { runId } of await this.#parts.store.descendants(run)) {
        this.#work.include(runId, queuesOf((await this.#versions.ofRun(runId)).pipeline));
      }
    }
  }

  /** An engine of one backfill executes its runs, and those alone. */
  async #afterBackfill({ begun, active }: BackfillAdvance): Promise<void> {
    const known = new Set(this.#work.runs);
    const found = active.filter((run) => !known.has(run));
    if (this.#session.backfill !== undefined) {
      for (const run of found) this.#work.include(run, queuesOf((await this.#versions.ofRun(run)).pipeline));
      await this.#includeDescendants(found);
    }
    if (begun.length > 0) this.wake();
  }

  #afterEnds(finishedRuns: ExchangeResult["finishedRuns"]): void {
    for (const { runId, state } of finishedRuns) this.#ended(runId, state);
    this.#admitting.wake();
    if (finishedRuns.length > 0) this.#afterRuns();
    if (this.#pastKeeper.isUsed) this.#releasing.wake();
    this.#afterDeadline();
  }

  #afterDeadline(): void {
    this.#dispatching.wake();
    this.#sensing.wake();
    this.#retrying.wake();
    this.#joining.wake();
    this.#cancelling.wake();
    this.#watching.wake();
    this.#events.onChange?.();
  }

  #afterExchange(result: ExchangeResult): void {
    const { finishedRuns, nextRetryInMs, nextTimerInMs, stopsRequested, keysTaken, watchesBegun } = result;
    for (const { runId, state } of finishedRuns) this.#ended(runId, state);
    if (finishedRuns.length > 0) this.#admitting.wake();
    if (nextRetryInMs !== undefined) this.#retrying.wakeIn(nextRetryInMs);
    if (this.#pastKeeper.isUsed) this.#releasing.wake();
    if (keysTaken) this.#overflowing.wake();
    if (watchesBegun) this.#sensing.wake();
    if (stopsRequested) this.#cancelling.wake();
    if (finishedRuns.length > 0) this.#afterRuns();
    if (nextTimerInMs !== undefined) this.#timing.wakeIn(nextTimerInMs);
    this.#events.onChange?.();
  }

  /**
   * Others wait for their end: runs that have started them, backfills and schedules that make one after the other, and
   * triggers.
   */
  #afterRuns(): void {
    this.#joining.wake();
    if (this.#backfiller.isUsed) this.#backfilling.wakeIn(this.#session.runs === null ? BACKFILL_GATHER_MS : 0);
    if (this.#session.runs !== null) return;
    this.#scheduling.wake();
    this.#triggering.wake();
  }

  #ended(run: RunId, state: RunState): void {
    this.#watch.ended(run, state);
    // Of a backfill there may be very many.
    if (this.#session.backfill !== undefined) this.#work.exclude(run);
  }

  async #giveUp(): Promise<void> {
    this.#dispatcher.drain();
    this.#watcher.drain();
    await this.#parts.executor.close();
    this.#events.onLost?.(
      new BatutaError("store_unreachable", "This engine could not renew its lease in time and has stopped its tasks.", {
        hint: "Look at the database and at the load of this machine; then run the same command again: it resumes.",
      }),
    );
  }
}
