import { TransactionalStore } from "../../../store/transactional-store.ts";
import type { Blocker } from "../checks/past-watch.ts";
import type { Cluster } from "./cluster.ts";

/** Once all is well things go on by themselves as long as they can. */
const PATIENCE_MS = 900_000;
const LOOK_MS = 60_000;

/**
 * A person who looks after runs that wait for the past: what has failed there holds up all that come later until it is
 * mended (CC-6).
 */
export class Mender {
  readonly #cluster: Cluster;
  readonly #blockers: () => readonly Blocker[];
  readonly #store: TransactionalStore;

  constructor(cluster: Cluster, blockers: () => readonly Blocker[]) {
    this.#cluster = cluster;
    this.#blockers = blockers;
    this.#store = new TransactionalStore(cluster.database);
  }

  start(): void {
    this.#cluster.world.after(PATIENCE_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    for (const { fold, task } of this.#blockers()) {
      const { kind } = await this.#store.mark({
        ...{ run: fold.id, as: "success", actor: "mender" },
        tasks: [{ name: task.spec.name }],
      });
      this.#cluster.probes.reached(`mended ${kind}`);
    }
    this.#cluster.world.after(LOOK_MS, () => void this.#look());
  }
}
