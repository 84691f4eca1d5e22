import type { Failure } from "../../../core/failure.ts";
import type { AttemptOrder, AttemptReport, AttemptResult } from "../../../execution/executor.ts";
import type { Timer } from "../../../ports/clock.ts";
import { type Answer, ASKING_FAILED, type Behaviour } from "../workload/behaviour.ts";
import type { Place } from "../workload/source-place.ts";
import type { World } from "../world/world.ts";
import type { EffectLedger, Writer } from "./effect-ledger.ts";

export interface TaskProcessParts {
  readonly world: World;
  readonly ledger: EffectLedger;
  readonly order: AttemptOrder;
  readonly behaviour: Behaviour;
  /** Different for every process. */
  readonly name: string;
  /** Told once how it ended. */
  readonly onEnd: (report: AttemptReport) => void;
}

/**
 * A process that runs one attempt. It lives in the world, not in the engine that started it: it goes on when that one
 * is paused, and for a while when that one has died.
 */
export class TaskProcess {
  readonly order: AttemptOrder;
  readonly name: string;
  readonly #parts: TaskProcessParts;
  readonly #writer: Writer;
  readonly #timers: Timer[] = [];
  #isOver = false;
  #stopCause: AttemptResult | undefined;
  #stop: Timer | undefined;

  constructor(parts: TaskProcessParts) {
    const { order, name, behaviour, world } = parts;
    this.order = order;
    this.name = name;
    this.#parts = parts;
    this.#writer = { taskRunKey: order.taskRunKey, token: order.token, process: name };
    const { startsAfterMs, durationMs, ending } = behaviour;
    if (order.askFirst || order.askOnly) this.#timers.push(world.after(startsAfterMs, () => this.#ask()));
    if (order.askOnly) return;
    this.#timers.push(world.after(startsAfterMs, () => this.#affect()));
    this.#timers.push(world.after(startsAfterMs + durationMs / 2, () => this.#affect()));
    if (ending !== "hang") this.#timers.push(world.after(startsAfterMs + durationMs, () => this.#finish()));
  }

  get isAlive(): boolean {
    return !this.#isOver;
  }

  get isStopping(): boolean {
    return this.#stopCause !== undefined;
  }

  /** SIGTERM, and SIGKILL after the grace time. The first cause stands. */
  terminate(cause: AttemptResult): void {
    if (this.#isOver || this.#stopCause !== undefined) return;
    this.#stopCause = cause;
    const { behaviour, order, world } = this.#parts;
    const graceMs = order.task.graceMs;
    this.#stop = world.after(Math.min(behaviour.stopsAfterMs ?? graceMs, graceMs), () => this.#end(cause));
  }

  /** SIGKILL. */
  kill(): void {
    this.#end(this.#stopCause ?? { kind: "failed", failure: GONE });
  }

  /** Whatever is answered but that the work may begin ends the attempt. */
  #ask(): void {
    const { answer, cacheKey } = this.#parts.behaviour;
    const { askFirst, askOnly, task } = this.order;
    if (askFirst && answer !== "go_on") this.#end(ANSWERS[answer]);
    else if (askOnly) this.#end(task.cache?.key === "function" ? { kind: "asked", cacheKey } : { kind: "asked" });
  }

  #affect(): void {
    if (!this.#isOver) this.#parts.ledger.write(this.#writer);
  }

  #finish(): void {
    this.#affect();
    this.#end(this.#stopCause ?? this.#result());
  }

  #result(): AttemptResult {
    switch (this.#parts.behaviour.ending) {
      case "success":
        return { kind: "success", output: { kind: "inline", json: this.#output() }, ...this.#cursor() };
      case "empty":
        // What others hang on is never left out.
        return this.#parts.behaviour.value === undefined
          ? { kind: "success", ...this.#cursor() }
          : { kind: "success", output: { kind: "inline", json: this.#output() }, ...this.#cursor() };
      case "skip":
        return { kind: "skipped", reason: "skip() in the task" };
      case "fatal":
        return { kind: "failed", failure: { reason: "fatal", message: "fatal() in the task" } };
      case "exit":
        return { kind: "failed", failure: GONE };
      default:
        return { kind: "failed", failure: { reason: "error", errorName: "Error", message: "the task threw" } };
    }
  }

  /** It has read on from where it was told to. */
  #cursor(): { readonly cursor?: string } {
    const { batch } = this.#parts.behaviour;
    if (this.order.cursor === undefined || batch === undefined) return {};
    const from = JSON.parse(this.order.cursor.json) as Place;
    return { cursor: JSON.stringify({ ...from, at: from.at + batch }) };
  }

  #output(): string {
    const { value } = this.#parts.behaviour;
    return value === undefined ? outputOf(this.order) : JSON.stringify(value);
  }

  #end(result: AttemptResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const timer of this.#timers) timer.cancel();
    this.#stop?.cancel();
    this.#parts.onEnd({ result });
  }
}

/** Names the attempt that made it, so that a reader can tell whose value it got (I16). */
function outputOf({ runId, task, mapKey, generation, token }: AttemptOrder): string {
  return JSON.stringify({ runId, task: task.name, mapKey, generation, token });
}

const ANSWERS: Readonly<Record<Exclude<Answer, "go_on">, AttemptResult>> = {
  not_to_run: { kind: "skipped", reason: "run_if" },
  done: { kind: "success", reason: "done_when" },
  throws: { kind: "failed", failure: { reason: "error", message: ASKING_FAILED, asking: "runIf" } },
};

const GONE: Failure = { reason: "process_exited", message: "The process went away." };
