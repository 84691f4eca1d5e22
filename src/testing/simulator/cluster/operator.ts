import type { NewRun, Store } from "../../../store/store.ts";
import { TransactionalStore } from "../../../store/transactional-store.ts";
import { NEWEST_CHILD } from "../workload/draw-children.ts";
import { type ActionPlan, PROJECT, VERSION_HASH } from "../workload/scenario.ts";
import type { Dice } from "../world/dice.ts";
import { WORLD_BEGAN_AT } from "../world/world.ts";
import { actOnBackfill, newBackfill } from "./backfill-orders.ts";
import type { Cluster } from "./cluster.ts";
import { FaultyDatabase } from "./faulty-database.ts";
import type { Heard } from "./heard.ts";
import { Life } from "./life.ts";
import type { SimNode } from "./sim-node.ts";

/** After this long a person tries once more. */
const RETRY_MS = 5_000;
/** What is refused for now is asked again; after that many times it was not meant to be. */
const REFUSALS_MAX = 8;
const PATIENCE_MS = 60_000;

/** Without these nothing would ever come to an end. */
const MUST_HAPPEN: readonly ActionPlan["kind"][] = ["create", "resume", "limit", "deploy", "backfill", "emit"];

function mustHappen(action: ActionPlan): boolean {
  return MUST_HAPPEN.includes(action.kind) || (action.kind === "backfill_act" && action.action === "resume");
}

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
      const again = heard === "refused" ? ++refusals < REFUSALS_MAX : heard === "nothing" && mustHappen(action);
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
    if (action.kind === "create") {
      await (engine ?? store).createRuns([newRun(action)]);
      return "done";
    }
    if (action.kind === "cancel") {
      const { run } = await this.#addressed(action, store);
      return answer(await (engine ?? store).cancelRun(run, action.name));
    }
    const heard = await act(store, await this.#addressed(action, store));
    engine?.wake();
    return heard;
  }

  /** The name of a run that another has started is known once it has. */
  async #addressed<Action extends ActionPlan>(action: Action, store: Store): Promise<Action> {
    if (!action.run.endsWith(NEWEST_CHILD)) return action;
    const children = await store.descendants(action.run.slice(0, -NEWEST_CHILD.length));
    return { ...action, run: children.at(-1)?.runId ?? "none yet" };
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

export async function act(store: Store, action: Exclude<ActionPlan, { kind: "create" | "cancel" }>): Promise<Heard> {
  const { name: actor, run } = action;
  const tasks = "task" in action && action.task !== undefined ? { tasks: [{ name: action.task }] } : {};
  switch (action.kind) {
    case "retry":
      return answer(await store.retry({ run, which: action.which, actor }));
    case "clear": {
      const { task, upstream, downstream } = action;
      return answer(await store.clear({ run, tasks: [{ name: task }], upstream, downstream, actor }));
    }
    case "mark":
      return answer(await store.mark({ run, as: action.as, actor, ...tasks }));
    case "stop":
      return answer(await store.stop({ run, how: action.how, actor, ...tasks }));
    case "pause":
      await store.pausePipeline({ project: PROJECT, pipeline: action.pipeline, actor });
      return "done";
    case "resume":
      await store.resumePipeline({ project: PROJECT, pipeline: action.pipeline, actor });
      return "done";
    case "backfill":
      await store.createBackfill(newBackfill(action));
      return "done";
    case "backfill_act":
      return actOnBackfill(store, action);
    case "deploy":
      await store.deploy({ project: PROJECT, versionHash: action.version, actor });
      return "done";
    case "emit":
      await store.emit([{ project: PROJECT, ...action.event }]);
      return "done";
    case "set_cursor": {
      const { pipeline, cursor, to } = action;
      await store.setCursor({ project: PROJECT, pipeline, name: cursor, value: { at: to, by: actor }, actor });
      return "done";
    }
    case "limit":
      return (await store.setScopeLimit({ project: PROJECT, name: action.scope, slots: action.slots, actor }))
        ? "done"
        : "refused";
  }
}

function answer({ kind }: { readonly kind: string }): Heard {
  return kind === "done" ? "done" : "refused";
}

type Creation = Extract<ActionPlan, { kind: "create" }>;

export function newRun({ run, pipeline, only, name, day, customer, trigger }: Creation): NewRun {
  const start = WORLD_BEGAN_AT + day * DAY_MS;
  return {
    id: run,
    project: PROJECT,
    pipeline,
    versionHash: VERSION_HASH,
    trigger,
    interval: { start, end: start + DAY_MS },
    timezone: "UTC",
    ds: new Date(start).toISOString().slice(0, 10),
    params: { customer },
    requestKey: run,
    ...(only === undefined ? {} : { only }),
    actor: name,
  };
}

const DAY_MS = 86_400_000;
