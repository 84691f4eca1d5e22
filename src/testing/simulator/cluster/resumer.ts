import { TransactionalStore } from "../../../store/transactional-store.ts";
import { PROJECT } from "../workload/scenario.ts";
import type { Cluster } from "./cluster.ts";

/** How often somebody looks. */
const LOOK_MS = 45_000;

/** A person who lets pipelines go on that their own failures have paused (RS-6). */
export class Resumer {
  readonly #cluster: Cluster;
  readonly #store: TransactionalStore;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#store = new TransactionalStore(cluster.database);
  }

  start(): void {
    this.#cluster.world.after(LOOK_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    for (const { pipeline, pausedBy } of await this.#store.pausedPipelines(PROJECT)) {
      if (pausedBy !== "pauseAfterFailures") continue;
      this.#cluster.probes.reached("paused by failures, resumed");
      await this.#store.resumePipeline({ project: PROJECT, pipeline, actor: "resumer" });
    }
    this.start();
  }
}
