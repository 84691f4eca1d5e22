import type { NewRun, OperatorResult, Store } from "../../../store/store.ts";
import { TransactionalStore } from "../../../store/transactional-store.ts";
import { type ActionPlan, PROJECT, VERSION_HASH } from "../workload/scenario.ts";
import type { Dice } from "../world/dice.ts";
import { WORLD_BEGAN_AT } from "../world/world.ts";
import type { Cluster } from "./cluster.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import { Life } from "./life.ts";
import type { SimNode } from "./sim-node.ts";

/** After this long a person tries once more. */
const RETRY_MS = 5_000;
/** What is refused for now is asked again; after that many times it was not meant to be. */
const REFUSALS_MAX = 60;
const PATIENCE_MS = 60_000;

/** What the person has heard of an action in the end. */
export type Heard = "done" | "refused" | "nothing";

/**
 * A person at a terminal: each try is a command of its own, sometimes through an engine, which then hears a hint, and
 * sometimes past all of them, so that they have to find it by themselves.
 */
export class Operator {
  readonly #cluster: Cluster;
  readonly #nodes: readonly SimNode[];
  readonly #dice: Dice;
  /** By name of the action. */
  readonly heard = new Map<string, Heard>();
  #tries = 0;
  #pending: number;

  constructor(cluster: Cluster, nodes: readonly SimNode[]) {
    this.#cluster = cluster;
    this.#nodes = nodes;
    this.#dice = cluster.dice.split("operator");
    const { actions } = cluster.scenario;
    this.#pending = actions.length;
    for (const action of actions) cluster.world.after(action.atMs, () => void this.#perform(action));
  }

  /** Everything that was planned has been done, or given up. */
  get isDone(): boolean {
    return this.#pending === 0;
  }

  async #perform(action: ActionPlan): Promise<void> {
    for (let refusals = 0; ; ) {
      const heard = await this.#try(action);
      this.#cluster.world.note(`${action.name}: ${action.kind} ${action.run}, heard ${heard}`);
      const again = heard === "refused" ? ++refusals < REFUSALS_MAX : heard === "nothing" && action.kind === "create";
      if (!again) return this.#end(action, heard);
      await this.#wait(RETRY_MS);
    }
  }

  #end(action: ActionPlan, heard: Heard): void {
    this.heard.set(action.name, heard);
    this.#pending -= 1;
    this.#cluster.probes.reached(`${action.kind} ${heard}`);
  }

  #try(action: ActionPlan): Promise<Heard> {
    const node = this.#dice.chance(0.5) ? this.#nodes[this.#dice.int(0, this.#nodes.length - 1)] : undefined;
    return new Promise((resolve) => {
      // Whoever dies never answers.
      this.#cluster.world.after(PATIENCE_MS, () => resolve("nothing"));
      this.#ask(action, node).then(resolve, () => resolve("nothing"));
    });
  }

  async #ask(action: ActionPlan, node: SimNode | undefined): Promise<Heard> {
    const store = this.#command();
    const engine = node?.engine;
    switch (action.kind) {
      case "create":
        await (engine ?? store).createRuns([newRun(action)]);
        return "done";
      case "cancel":
        return answer(await (engine ?? store).cancelRun(action.run, action.name));
      case "rerun": {
        const result = await store.rerun(action.run, action.which, action.name);
        engine?.wake();
        return answer(result);
      }
    }
  }

  #command(): Store {
    this.#tries += 1;
    const { database, faults, world } = this.#cluster;
    const life = new Life(`command-${this.#tries}`, world);
    return new TransactionalStore(
      new FaultyDatabase({ database, life, faults, isReachable: () => true, die: () => life.end() }),
    );
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#cluster.world.after(ms, resolve));
  }
}

function answer({ kind }: OperatorResult): Heard {
  return kind === "done" ? "done" : "refused";
}

function newRun({ run, pipeline, only, name }: Extract<ActionPlan, { kind: "create" }>): NewRun {
  return {
    id: run,
    project: PROJECT,
    pipeline,
    versionHash: VERSION_HASH,
    trigger: "manual",
    interval: { start: WORLD_BEGAN_AT, end: WORLD_BEGAN_AT },
    timezone: "UTC",
    ds: "2030-01-01",
    params: {},
    requestKey: run,
    ...(only === undefined ? {} : { only }),
    actor: name,
  };
}
