import { Engine } from "../../../engine/engine.ts";
import type { AttemptOrder } from "../../../execution/executor.ts";
import type { NewSession, SessionId } from "../../../store/store.ts";
import { TransactionalStore } from "../../../store/transactional-store.ts";
import type { Spell } from "../faults/fault-classes.ts";
import { behaviourOf } from "../workload/behaviour.ts";
import { pollBehaviour } from "../workload/draw-sensors.ts";
import { type NodePlan, PROJECT } from "../workload/scenario.ts";
import type { Dice } from "../world/dice.ts";
import type { Cluster } from "./cluster.ts";
import { FaultyDatabase, INJECTED } from "./faulty-database.ts";
import type { Host } from "./host.ts";
import { Life } from "./life.ts";
import { MachineClock, NodeClock } from "./node-clock.ts";
import { SimExecutor } from "./sim-executor.ts";

/** How long a process is down after it died by itself. */
const DOWN_MS_LEAST = 10;
const DOWN_MS_MOST = 600_000;
/** After the chaos somebody looks after it. */
const HEALED_DOWN_MS_MOST = 5_000;
/** A watchdog ends what a dead engine has left behind; how long that takes at best. */
const WATCHDOG_MS_MAX = 300;
const SURVIVAL_MS_LEAST = 1_000;
const SURVIVAL_MS_MOST = 300_000;

interface Running {
  readonly life: Life;
  readonly engine: Engine;
  readonly session: SessionId;
}

/** A machine's one engine, started again whenever it has died. */
export class SimNode {
  readonly name: string;
  readonly #clock: MachineClock;
  readonly #plan: NodePlan;
  readonly #cluster: Cluster;
  readonly #host: Host;
  readonly #dice: Dice;
  #running: Running | undefined;
  #lives = 0;
  #cutOffUntil = 0;
  #isRetired = false;

  constructor(plan: NodePlan, cluster: Cluster, host: Host) {
    this.name = plan.name;
    this.#plan = plan;
    this.#cluster = cluster;
    this.#host = host;
    this.#dice = cluster.dice.split(plan.name);
    this.#clock = new MachineClock(cluster.world, plan);
  }

  /** The engine, while it runs and is not paused. */
  get engine(): Engine | undefined {
    return this.#running?.life.isPaused === false ? this.#running.engine : undefined;
  }

  get life(): Life | undefined {
    return this.#running?.life;
  }

  start(): void {
    if (this.#running !== undefined || this.#isRetired) return;
    this.#lives += 1;
    const { world, scenario, nextPid } = this.#cluster;
    const session = `${this.name}.${this.#lives}`;
    const life = new Life(session, world);
    const pid = nextPid();
    const clock = new NodeClock(this.#clock, life);
    const { queues } = this.#plan;
    const engine = new Engine(
      {
        store: new TransactionalStore(this.#database(life)),
        executor: this.#executor(life, clock),
        clock,
        processes: this.#host.owners,
        queues,
        pollMs: scenario.pollMs,
      },
      this.#session(session, pid),
      { onProblem: ({ duty, error }) => this.#judge(duty, error), onLost: () => this.#loseLease(life) },
    );
    this.#running = { life, engine, session };
    this.#host.engineStarted(pid, life);
    world.note(`${session} starts`);
    engine.start().catch((error: unknown) => {
      this.#judge("start", error);
      this.die(life);
    });
  }

  /** What a scenario has in store for it. */
  befall(spell: Spell, ms: number): void {
    if (spell === "crash") this.die(this.life, ms);
    if (spell === "shutdown") void this.#shutDown(ms);
    if (spell === "pause") this.#pause(ms);
    if (spell === "outage") this.#cutOffUntil = this.#cluster.world.now + ms;
    if (spell === "clock_jump") this.#clock.jump(ms);
  }

  /** It is killed, or falls over. */
  die(life: Life | undefined = this.#running?.life, downMs = this.#downMs()): void {
    if (life?.isAlive !== true || this.#running === undefined) return;
    const { world, scenario } = this.#cluster;
    const { session } = this.#running;
    life.end();
    this.#running = undefined;
    world.note(`${session} dies`);
    for (const process of this.#host.processesOf(session)) {
      const outlives = this.#dice.chance(scenario.survivors);
      const ms = outlives
        ? this.#dice.span(SURVIVAL_MS_LEAST, SURVIVAL_MS_MOST)
        : this.#dice.fraction() * WATCHDOG_MS_MAX;
      world.after(ms, () => process.kill());
    }
    world.after(downMs, () => this.start());
  }

  /** It is stopped in good order, for ever; what still goes on afterwards is a leak. */
  retire(): Promise<void> {
    this.#isRetired = true;
    const running = this.#running;
    if (running === undefined) return Promise.resolve();
    const { engine, life } = running;
    return new Promise((resolve) => {
      // It may lose its lease meanwhile, and that is the end of it too.
      life.onEnd = resolve;
      void engine.stop().then(resolve, (error: unknown) => this.#judge("stop", error));
    });
  }

  /** All that befell it is over; a machine that is lost is lost, and what it had in hand is for others. */
  heal(): void {
    if (this.#plan.isLost === true) this.#lose();
    this.#cutOffUntil = 0;
    this.#running?.life.resume();
    this.#cluster.world.after(this.#downMs(), () => this.start());
  }

  /** Nothing starts there any more. */
  #lose(): void {
    this.#cluster.probes.reached("machine lost");
    this.#isRetired = true;
    this.die();
  }

  /** It is stopped in good order. */
  async #shutDown(downMs: number): Promise<void> {
    const running = this.#running;
    if (running === undefined || running.life.isPaused) return;
    try {
      await running.engine.stop();
    } catch (error) {
      this.#judge("stop", error);
    }
    this.die(running.life, downMs);
  }

  #pause(ms: number): void {
    const life = this.#running?.life;
    if (life === undefined) return;
    life.pause();
    this.#cluster.world.after(ms, () => life.resume());
  }

  #downMs(): number {
    const { world, scenario } = this.#cluster;
    if (world.now >= scenario.chaosMs) return this.#dice.fraction() * HEALED_DOWN_MS_MOST;
    return this.#dice.span(DOWN_MS_LEAST, DOWN_MS_MOST);
  }

  #loseLease(life: Life): void {
    this.#cluster.probes.reached("lease lost");
    this.die(life);
  }

  #database(life: Life): FaultyDatabase {
    const { database, faults, world } = this.#cluster;
    const isReachable = (): boolean => world.now >= this.#cutOffUntil;
    return new FaultyDatabase({ database, life, faults, isReachable, die: () => this.die(life) });
  }

  #executor(life: Life, clock: NodeClock): SimExecutor {
    const { world, ledger, scenario, dice, onProcess, onReport } = this.#cluster;
    return new SimExecutor({
      ...{ slots: this.#plan.slots, world, clock, life, ledger, onReport },
      behaviourOf: (order: AttemptOrder) => {
        const habits = scenario.habits[`${order.pipeline}/${order.task.name}`];
        const pipeline = scenario.pipelines.find(({ name }) => name === order.pipeline);
        if (habits === undefined || pipeline === undefined)
          throw new Error(`Nobody said how ${order.task.name} behaves.`);
        return behaviourOf(habits, order, pipeline, dice.split("behaviour"));
      },
      pollOf: (poll) => pollBehaviour(poll, dice.split("polls")),
      onStart: (process) => {
        this.#host.processStarted(life.name, process);
        onProcess(process, life);
      },
    });
  }

  #session(id: SessionId, pid: number): NewSession {
    const { name } = this.#host;
    const process = { hostname: name, hostId: name, pid, startTime: String(pid) };
    return { id, project: PROJECT, role: "server", process, leaseMs: this.#cluster.scenario.leaseMs, runs: null };
  }

  /** Only what was injected may go wrong. */
  #judge(duty: string, error: unknown): void {
    if (error instanceof Error && error.message.includes(INJECTED)) return;
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#cluster.findings.add("B30", `${this.name}: ${duty} failed though nothing was injected: ${said}`);
  }
}
