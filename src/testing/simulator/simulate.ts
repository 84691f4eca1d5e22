import { isRunFinished } from "../../core/state.ts";
import { SqliteDatabase } from "../../store/sqlite/database.ts";
import { migrateSqlite } from "../../store/sqlite/migrate.ts";
import { TransactionalStore } from "../../store/transactional-store.ts";
import { areBackfillsOver, checkBackfills } from "./checks/backfill-checks.ts";
import { BackfillWatch } from "./checks/backfill-watch.ts";
import { ChildWatch } from "./checks/child-watch.ts";
import { CommitWatch, WatchedConnection } from "./checks/commit-watch.ts";
import { CursorWatch } from "./checks/cursor-watch.ts";
import { DeadlineWatch } from "./checks/deadline-watch.ts";
import { EventWatches } from "./checks/event-watches.ts";
import { checkAnswers, checkNothingIsLeft, checkOutcomes } from "./checks/final-checks.ts";
import { LatenessWatch } from "./checks/lateness-watch.ts";
import { LimitWatches } from "./checks/limit-watches.ts";
import { PauseWatch } from "./checks/pause-watch.ts";
import { QuestionWatch } from "./checks/question-watch.ts";
import { ReportWatch } from "./checks/report-watch.ts";
import { ScheduleWatch } from "./checks/schedule-watch.ts";
import { SensorWatch } from "./checks/sensor-watch.ts";
import { StopWatch } from "./checks/stop-watch.ts";
import type { Cluster } from "./cluster/cluster.ts";
import { EffectLedger } from "./cluster/effect-ledger.ts";
import { Host } from "./cluster/host.ts";
import { Life } from "./cluster/life.ts";
import { Mender } from "./cluster/mender.ts";
import { MachineClock, NodeClock } from "./cluster/node-clock.ts";
import { Operator } from "./cluster/operator.ts";
import { Resumer } from "./cluster/resumer.ts";
import { ScheduleLife } from "./cluster/schedule-life.ts";
import { SimNode } from "./cluster/sim-node.ts";
import type { Probe } from "./declared-probes.ts";
import { CallFaults } from "./faults/call-faults.ts";
import { type Finding, Findings } from "./findings.ts";
import { Probes, probe } from "./probes.ts";
import { PROJECT, type Scenario, type SpellPlan, VERSION_HASH } from "./workload/scenario.ts";
import { Dice } from "./world/dice.ts";
import { Trace } from "./world/trace.ts";
import { World } from "./world/world.ts";

/** Within this long of virtual time after the chaos everything must have come to an end. */
const HEALING_MS_MAX = 4 * 3_600_000;
/** Of which so many times the time until what is to stop has stopped, where that is longer. */
const HEALING_STOPS_MAX = 6;
const STOPPING_MS_MAX = 600_000;
/** A pause lasts a day and more. */
const LAST_ACTION_MS_MAX = 3 * 86_400_000;
/** Restart, grace time and a margin. */
const STOPPED_MS_MAX = 30_000;
/** What an engine needs to start, about. */
const START_MS = 30;

/** What became of one world. */
export interface WorldReport {
  readonly finding: Finding | undefined;
  readonly traceHash: string;
  readonly trace: readonly string[];
  /** Names of the faults of calls that struck. */
  readonly struck: readonly string[];
  readonly probes: ReadonlyMap<Probe, number>;
  readonly commits: number;
  readonly events: number;
}

export interface SimulateOptions {
  /** Faults of calls that do not strike this time, by name. */
  readonly dropped?: ReadonlySet<string>;
  readonly keepsTrace?: boolean;
}

/**
 * One world from its beginning to its end: chaos, then healing, then everything must have ended as the semantics say.
 */
export async function simulate(scenario: Scenario, options: SimulateOptions = {}): Promise<WorldReport> {
  const simulation = new Simulation(scenario, options);
  return simulation.live();
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #dice: Dice;
  readonly #world: World;
  readonly #connection = new WatchedConnection(":memory:");
  readonly #findings = new Findings();
  readonly #probes = new Probes();
  readonly #faults: CallFaults;
  readonly #database: SqliteDatabase;
  readonly #databaseClock: MachineClock;
  readonly #watch: CommitWatch;
  readonly #deadlines: DeadlineWatch;
  readonly #sensors: SensorWatch;
  readonly #children: ChildWatch;
  readonly #nodes: readonly SimNode[];
  readonly #operator: Operator;
  readonly #mender: Mender;
  readonly #resumer: Resumer;
  readonly #limits: LimitWatches;
  readonly #schedules: ScheduleWatch;
  readonly #scheduleLife: ScheduleLife;
  readonly #trace: Trace;
  readonly #events: EventWatches;
  readonly #lateness: LatenessWatch;

  constructor(scenario: Scenario, { dropped = new Set(), keepsTrace = false }: SimulateOptions) {
    this.#scenario = scenario;
    this.#dice = new Dice(scenario.seed);
    const dice = this.#dice;
    this.#trace = new Trace(keepsTrace);
    this.#world = new World(dice.split("world"), this.#trace);
    this.#faults = new CallFaults(scenario.callFaults, dice.split("faults"), dropped);
    this.#faults.onStrike = (fault) => this.#probes.reached(fault);
    this.#databaseClock = new MachineClock(this.#world, { skewMs: scenario.databaseSkewMs, rate: 1 });
    this.#database = new SqliteDatabase({
      path: ":memory:",
      clock: new NodeClock(this.#databaseClock, new Life("database", this.#world)),
      connect: () => this.#connection,
    });
    this.#watch = new CommitWatch(this.#connection, scenario.pipelines, this.#world, this.#findings);
    this.#deadlines = new DeadlineWatch(this.#findings, this.#stoppedMs);
    const watched = { db: this.#connection, findings: this.#findings, probes: this.#probes };
    this.#lateness = new LatenessWatch(watched, this.#stoppedMs);
    this.#sensors = new SensorWatch(watched, this.#stoppedMs);
    this.#children = new ChildWatch({
      ...{ db: this.#connection, findings: this.#findings, probes: this.#probes, slackMs: this.#stoppedMs },
    });
    this.#limits = new LimitWatches(scenario.limits, {
      ...{ db: this.#connection, findings: this.#findings, probes: this.#probes },
      queuesOf: (session) => scenario.nodes.find(({ name }) => session.startsWith(`${name}.`))?.queues ?? [],
    });
    this.#events = new EventWatches({
      ...{ db: this.#connection, findings: this.#findings, probes: this.#probes },
      ...{ pipelines: scenario.pipelines, slackMs: this.#stoppedMs, now: () => this.#databaseClock.wall() },
    });
    this.#schedules = new ScheduleWatch({
      ...{ db: this.#connection, findings: this.#findings, probes: this.#probes },
      now: () => this.#databaseClock.wall(),
    });
    const cluster = this.#cluster(dice);
    this.#scheduleLife = new ScheduleLife(cluster, this.#connection, this.#databaseClock);
    const hosts = new Map(scenario.nodes.map(({ host }) => [host, new Host(host)]));
    this.#nodes = scenario.nodes.map((plan) => new SimNode(plan, cluster, hosts.get(plan.host) ?? new Host(plan.host)));
    this.#operator = new Operator(cluster, this.#nodes);
    this.#resumer = new Resumer(cluster);
    this.#mender = new Mender(cluster, () => this.#limits.blockers());
  }

  async live(): Promise<WorldReport> {
    await this.#prepare();
    for (const node of this.#nodes) node.start();
    this.#resumer.start();
    this.#scheduleLife.start();
    for (const spell of this.#scenario.spells) this.#world.after(spell.atMs, () => this.#befall(spell));
    await this.#world.run(() => this.#hasFound, this.#scenario.chaosMs);
    this.#heal();
    if (this.#isOfSchedules) await this.#endSchedules();
    await this.#comeToAnEnd();
    await this.#forgetTheDead();
    await this.#stopAll();
    this.#checkTheEnd();
    this.#connection.close();
    return this.#report();
  }

  get #hasFound(): boolean {
    return this.#findings.first !== undefined;
  }

  /** Once all is well what is due has happened, and what is to stop is gone, after so long. */
  get #stoppedMs(): number {
    const { leaseMs, pollMs } = this.#scenario;
    return 2 * leaseMs + 4 * pollMs + STOPPED_MS_MAX;
  }

  #cluster(dice: Dice): Cluster {
    const stops = new StopWatch(this.#connection, this.#findings);
    const reports = new ReportWatch(this.#findings, this.#scenario.leaseMs, () => this.#world.now);
    const questions = new QuestionWatch(this.#findings, this.#probes);
    const backfills = new BackfillWatch(this.#connection, this.#findings);
    const pauses = new PauseWatch(this.#connection, this.#findings);
    const cursors = new CursorWatch({ db: this.#connection, findings: this.#findings, probes: this.#probes });
    let pid = 0;
    this.#watch.onCommit = (commit) => {
      this.#limits.look(commit);
      stops.look(commit);
      this.#deadlines.committed();
      this.#sensors.look(commit);
      this.#children.committed();
      pauses.committed();
      cursors.look(commit);
      if (this.#isOfEvents) this.#events.look(commit);
      if (this.#isOfSchedules) {
        this.#schedules.committed();
        backfills.look(commit);
      }
    };
    this.#watch.onEvent = (fold, body, at) => {
      reports.committed(fold, body);
      this.#deadlines.saw(fold, at, body);
      this.#lateness.saw(fold, at, body);
      this.#children.saw(fold, at, body);
      questions.saw(fold, at, body);
      pauses.saw(fold, body);
      if (body.kind === "task_state") this.#probes.reached(probe(`${body.from} -> ${body.to}`));
      if (body.kind === "run_state") this.#probes.reached(probe(`run ${body.from} -> ${body.to}`));
      if ("reason" in body && RULES.includes(body.reason ?? "")) this.#probes.reached(probe(`by rule: ${body.reason}`));
    };
    return {
      scenario: this.#scenario,
      world: this.#world,
      dice: dice.split("cluster"),
      database: this.#database,
      faults: this.#faults,
      findings: this.#findings,
      probes: this.#probes,
      ledger: new EffectLedger(this.#findings),
      nextPid: () => ++pid,
      onProcess: (process, life) => {
        reports.started(process, life);
        questions.started(process.order);
        cursors.started(process.order);
        this.#events.started(process.order);
      },
      onReport: (order, report) => {
        reports.reported(order, report);
        questions.reported(order, report);
        cursors.reported(order, report);
      },
    };
  }

  async #prepare(): Promise<void> {
    migrateSqlite(this.#connection, ":memory:", 0);
    const { pipelines, limits } = this.#scenario;
    const manifest = { format: 1, pipelines, ...limits } as const;
    await new TransactionalStore(this.#database).saveVersion({ hash: VERSION_HASH, project: PROJECT, manifest });
    if (this.#isOfSchedules) await this.#scheduleLife.prepare();
    if (this.#isOfEvents) await this.#deployTriggers();
    this.#connection.onCommit = () => this.#lookAtCommit();
  }

  /** A check that throws would be taken for a database that does not answer. */
  #lookAtCommit(): void {
    try {
      this.#watch.look();
    } catch (error) {
      this.#findings.add("check", error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  get #isOfSchedules(): boolean {
    return this.#scenario.versions !== undefined;
  }

  get #isOfEvents(): boolean {
    return this.#scenario.pipelines.some(({ triggers }) => triggers !== undefined);
  }

  async #deployTriggers(): Promise<void> {
    const version = { project: PROJECT, versionHash: VERSION_HASH, actor: "the beginning" };
    await new TransactionalStore(this.#database).deploy(version);
    this.#events.begin();
  }

  /** I21: what is due has been decided before long; then they are taken away, so that there is an end. */
  async #endSchedules(): Promise<void> {
    const world = this.#world;
    await world.run(() => this.#hasFound || this.#operator.isDone, world.now + LAST_ACTION_MS_MAX);
    await world.run(() => this.#hasFound, world.now + this.#stoppedMs);
    if (this.#hasFound) return;
    this.#schedules.expectAwake(this.#stoppedMs);
    await this.#scheduleLife.end();
  }

  #befall({ kind, node: name, ms }: SpellPlan): void {
    this.#probes.reached(kind);
    this.#world.note(`${name}: ${kind} ${ms}`);
    this.#nodes.find((node) => node.name === name)?.befall(kind, ms);
  }

  #heal(): void {
    this.#world.note("from here on nothing goes wrong any more");
    this.#faults.end();
    for (const node of this.#nodes) node.heal();
    const healedAt = this.#databaseClock.wall();
    for (const watch of [this.#deadlines, this.#lateness, this.#sensors, this.#children]) watch.healed(healedAt);
    this.#events.healed();
    this.#expectStops();
    this.#mender.start();
  }

  /** I30, B20: what a run that is being cancelled still runs now is gone, or replaced, before long. */
  #expectStops(): void {
    const left = [...this.#watch.folds.values()]
      .filter(({ state }) => state === "cancelling")
      .flatMap((fold) => [...fold.tasks.values()].map((task) => ({ fold, task, token: task.token })))
      .filter(({ task }) => task.state === "running" && task.spec.role !== "teardown");
    this.#world.after(this.#stoppedMs, () => {
      for (const { fold, task, token } of left) {
        const isGone = task.state !== "running" || task.token !== token;
        this.#findings.expect(isGone, "I30", () => `${fold.id}: ${task.spec.name} runs on, long after it was to stop`);
      }
    });
  }

  /** I41, RS-3. */
  async #comeToAnEnd(): Promise<void> {
    const hasEnded = (): boolean =>
      this.#operator.isDone &&
      this.#events.waiting().length === 0 &&
      [...this.#watch.folds.values()].every(({ state }) => state !== null && isRunFinished(state)) &&
      areBackfillsOver(this.#connection);
    const until = this.#world.now + Math.max(HEALING_MS_MAX, HEALING_STOPS_MAX * this.#stoppedMs);
    if (await this.#world.run(() => this.#hasFound || hasEnded(), until)) return;
    const open = [...this.#watch.folds.values()].filter(({ state }) => state === null || !isRunFinished(state));
    const runs = open.map((fold) => {
      const tasks = [...fold.tasks.values()].filter(({ state }) => OPEN_STATES.includes(state));
      return `${fold.id} (${tasks.map(({ spec, mapKey, state }) => `${spec.name}${mapKey} ${state}`).join(", ")})`;
    });
    const left = [...runs, ...this.#events.waiting()].join("; ") || "the operator's work";
    this.#findings.add("I41", `hours after all is well this has not ended: ${left}`);
  }

  /** Sessions of engines that died are ended by those that live. */
  async #forgetTheDead(): Promise<void> {
    const open = (): string =>
      this.#connection
        .all<{ id: string }>(SELECT_SESSIONS)
        .map(({ id }) => id)
        .join(", ");
    const living = (): string =>
      this.#nodes
        .flatMap(({ life }) => life?.name ?? [])
        .sort()
        .join(", ");
    const until = this.#world.now + STOPPING_MS_MAX;
    const areGone = await this.#world.run(() => this.#hasFound || open() === living(), until);
    this.#findings.expect(areGone, "I41", () => `open sessions: ${open()}; engines that live: ${living()}`);
  }

  /** Some are stopped while they are still starting. Afterwards nothing of them may go on. */
  async #stopAll(): Promise<void> {
    const dice = this.#dice.split("stop");
    let stopping = this.#nodes.length;
    for (const node of this.#nodes) {
      if (dice.chance(0.3)) node.die(node.life, 0);
      this.#world.after(dice.fraction() * START_MS, () => {
        void node.retire().then(() => {
          stopping -= 1;
        });
      });
    }
    const areStopped = await this.#world.run(() => this.#hasFound || stopping === 0, this.#world.now + STOPPING_MS_MAX);
    this.#findings.expect(areStopped, "I41", () => `${stopping} engines do not stop`);
    await this.#world.run(() => this.#hasFound, this.#world.now + 3 * this.#scenario.leaseMs);
  }

  #checkTheEnd(): void {
    if (this.#hasFound) return;
    this.#watch.lookAtAll();
    this.#children.lookAtAll();
    checkOutcomes(this.#connection, this.#watch.folds, this.#findings);
    checkNothingIsLeft(
      this.#connection,
      this.#nodes.flatMap(({ life }) => life?.name ?? []),
      this.#findings,
    );
    checkBackfills(this.#connection, this.#scenario.actions, { findings: this.#findings, probes: this.#probes });
    checkAnswers(this.#connection, this.#scenario.actions, this.#operator.heard, this.#findings);
  }

  #report(): WorldReport {
    return {
      finding: this.#findings.first,
      traceHash: this.#trace.hash,
      trace: this.#trace.lines,
      struck: this.#faults.struck,
      probes: this.#probes.counts,
      commits: this.#watch.commits,
      events: this.#world.happened,
    };
  }
}

/** Reasons by which the rules of a run end something of it. */
const RULES: readonly string[] = ["timeout", "fail_fast", "cleanup_timeout", "group_retry", "stalled"];

const OPEN_STATES: readonly string[] = ["scheduled", "queued", "running", "retrying", "deferred"];

const SELECT_SESSIONS = "select id from session where closed_at is null order by id";
