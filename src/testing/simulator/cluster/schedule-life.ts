import type { PipelineSpec } from "../../../core/manifest.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import { TransactionalStore } from "../../../store/transactional-store.ts";
import { probe } from "../probes.ts";
import { type MishapPlan, PROJECT } from "../workload/scenario.ts";
import type { Cluster } from "./cluster.ts";
import type { MachineClock } from "./node-clock.ts";

const LAST_VERSION = "v-last";

/** What happens in a world that is about schedules beside what happens in all: mishaps of its database, and its last day. */
export class ScheduleLife {
  readonly #cluster: Cluster;
  readonly #db: SqliteConnection;
  readonly #clock: MachineClock;
  readonly #store: TransactionalStore;

  constructor(cluster: Cluster, db: SqliteConnection, clock: MachineClock) {
    this.#cluster = cluster;
    this.#db = db;
    this.#clock = clock;
    this.#store = new TransactionalStore(cluster.database);
  }

  async prepare(): Promise<void> {
    const { versions = [], pipelines } = this.#cluster.scenario;
    const last = { hash: LAST_VERSION, pipelines: pipelines.map(withoutSchedules) };
    for (const { hash, pipelines: its } of [...versions.slice(1), last]) {
      await this.#store.saveVersion({ hash, project: PROJECT, manifest: { format: 1, pipelines: its } });
    }
  }

  start(): void {
    const { world, scenario } = this.#cluster;
    for (const mishap of scenario.mishaps ?? []) world.after(mishap.atMs, () => this.#befall(mishap));
  }

  /** Schedules fire for ever: without them everything can come to an end. */
  async end(): Promise<void> {
    await this.#store.deploy({ project: PROJECT, versionHash: LAST_VERSION, actor: "the end" });
  }

  #befall({ kind, ms }: MishapPlan): void {
    const { world, probes } = this.#cluster;
    world.note(`${kind} ${ms}`);
    probes.reached(probe(kind));
    if (kind === "database clock jumps") this.#clock.jump(ms);
    else this.#loseWakeUp();
  }

  #loseWakeUp(): void {
    const { world, dice } = this.#cluster;
    const keys = this.#db.all<{ key: number }>("select key from schedule where next_at is not null order by key");
    const lost = keys.length === 0 ? undefined : dice.split(`lost at ${world.now}`).pick(keys);
    if (lost !== undefined) this.#db.run("update schedule set next_at = null where key = ?", lost.key);
  }
}

function withoutSchedules({ schedules: _, ...rest }: PipelineSpec): PipelineSpec {
  return rest;
}
