import type { PipelineSpec } from "../../../core/manifest.ts";
import { slotsOfPool } from "../../../core/pool-limit.ts";
import type { ProjectLimits } from "../../../core/task-scopes.ts";
import type { Store } from "../../../store/store.ts";
import { act, newRun } from "../cluster/operator.ts";
import { drawOrder } from "../workload/draw-order.ts";
import { PROJECT } from "../workload/scenario.ts";
import type { Dice } from "../world/dice.ts";
import type { Worker } from "./worker.ts";

const RUNS_MAX = 6;

export interface MeddlerParts {
  readonly store: Store;
  readonly dice: Dice;
  readonly pipelines: readonly PipelineSpec[];
  readonly limits: ProjectLimits;
  readonly workers: readonly Worker[];
}

/** Everybody who does not work on tasks: whoever creates and admits runs, whoever reaps the dead, and a person. */
export class Meddler {
  readonly #parts: MeddlerParts;
  readonly #runs = new Map<string, PipelineSpec>();
  #acts = 0;

  constructor(parts: MeddlerParts) {
    this.#parts = parts;
  }

  readonly pipelineOf = (run: string): PipelineSpec | undefined => this.#runs.get(run);

  async step(): Promise<void> {
    const { store, dice, workers } = this.#parts;
    switch (dice.weighted({ create: 3, admit: 1, release: 3, reap: 1, pause: 1, resume: 1, limit: 1, meddle: 6 })) {
      case "create":
        return this.create();
      case "admit":
        await store.admitRuns();
        return;
      case "release":
        await store.releaseRetries();
        return;
      case "reap":
        await store.reapSessions([dice.pick(workers).session]);
        return;
      case "pause":
        return this.#pause("pause");
      case "resume":
        return this.#pause("resume");
      case "limit":
        return this.#limit();
      case "meddle":
        return this.#meddle();
    }
  }

  async create(): Promise<void> {
    const { store, dice, pipelines } = this.#parts;
    if (this.#runs.size >= RUNS_MAX) return;
    const run = `run-${this.#runs.size}`;
    const pipeline = dice.pick(pipelines);
    this.#runs.set(run, pipeline);
    const create = { kind: "create", name: run, run, pipeline: pipeline.name, atMs: 0 } as const;
    await store.createRuns([newRun({ ...create, ...drawOrder(dice.split(run)) })]);
  }

  /** One round of what goes on without anybody's wish; answers whether a run is still open. */
  async drain(): Promise<boolean> {
    const { store, pipelines, limits } = this.#parts;
    for (const name of Object.keys(limits.pools ?? {})) {
      await store.setScopeLimit({ project: PROJECT, name: `pool:${name}`, slots: null, actor: "drain" });
    }
    for (const { name } of pipelines) await store.resumePipeline({ project: PROJECT, pipeline: name, actor: "drain" });
    await store.admitRuns();
    await store.releaseRetries();
    return (await store.runs({ states: ["queued", "running", "cancelling"], limit: 1 })).length > 0;
  }

  async #pause(kind: "pause" | "resume"): Promise<void> {
    const { store, dice, pipelines } = this.#parts;
    const pipeline = dice.pick(pipelines).name;
    await act(store, { kind, name: this.#nextName(), run: "", pipeline, atMs: 0 });
  }

  /** Never above what the project says, so that the most that may ever run is known. */
  async #limit(): Promise<void> {
    const { store, dice, limits } = this.#parts;
    const [name, limit] = dice.pick(Object.entries(limits.pools ?? {}));
    const set = dice.pick([dice.int(0, slotsOfPool(limit)), null]);
    await act(store, { kind: "limit", name: this.#nextName(), run: "", scope: `pool:${name}`, slots: set, atMs: 0 });
  }

  async #meddle(): Promise<void> {
    const { store, dice } = this.#parts;
    if (this.#runs.size === 0) return this.create();
    const [run, { tasks }] = dice.pick([...this.#runs]);
    const common = { name: this.#nextName(), run, atMs: 0 };
    const task = dice.pick(tasks).name;
    const maybeTask = dice.chance(0.8) ? { task } : {};
    switch (dice.weighted({ cancel: 1, retry: 3, clear: 4, mark: 4, stop: 2 })) {
      case "cancel":
        await store.cancelRun(run, common.name);
        return;
      case "retry":
        await act(store, { ...common, kind: "retry", which: dice.pick(["all", "failed"]) });
        return;
      case "clear":
        await act(store, {
          ...common,
          kind: "clear",
          task,
          upstream: dice.chance(0.3),
          downstream: dice.chance(0.6),
        });
        return;
      case "mark":
        await act(store, { ...common, kind: "mark", as: dice.pick(["success", "failed"]), ...maybeTask });
        return;
      case "stop":
        await act(store, { ...common, kind: "stop", how: dice.pick(["cancel", "kill"]), ...maybeTask });
        return;
    }
  }

  #nextName(): string {
    this.#acts += 1;
    return `act-${this.#acts}`;
  }
}
