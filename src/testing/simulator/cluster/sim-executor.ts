import type { Json } from "../../../core/json.ts";
import type { TickAnswer } from "../../../core/schedule/schedule-state.ts";
import type {
  AttemptId,
  AttemptOrder,
  AttemptReport,
  Executor,
  FilesAnswer,
  PipelineCode,
  PollAnswer,
  PollOrder,
  RawParams,
} from "../../../execution/executor.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Behaviour } from "../workload/behaviour.ts";
import type { World } from "../world/world.ts";
import type { EffectLedger } from "./effect-ledger.ts";
import type { Life } from "./life.ts";
import { TaskProcess } from "./task-process.ts";

export interface SimExecutorParts {
  readonly slots: number;
  readonly world: World;
  readonly clock: Clock;
  readonly life: Life;
  readonly ledger: EffectLedger;
  readonly behaviourOf: (order: AttemptOrder) => Behaviour;
  readonly pollOf: (poll: PollOrder) => { readonly answer: PollAnswer; readonly ms: number };
  /** Told of every process that starts, and of every report that the engine hears. */
  readonly onStart: (process: TaskProcess) => void;
  readonly onReport: (order: AttemptOrder, report: AttemptReport) => void;
}

/** Processes get this long when the executor closes, as in the real one; then they are killed. */
const CLOSE_GRACE_MS = 1_000;

/** Runs attempts as processes of the simulated machine. */
export class SimExecutor implements Executor {
  readonly slots: number;
  readonly #parts: SimExecutorParts;
  readonly #processes = new Map<string, TaskProcess>();
  #started = 0;
  #isClosed = false;
  #onEmpty: () => void = () => {};

  constructor(parts: SimExecutorParts) {
    this.slots = parts.slots;
    this.#parts = parts;
  }

  /** Those that run now. */
  get processes(): readonly TaskProcess[] {
    return [...this.#processes.values()];
  }

  /** The simulated pipelines take what they are given. */
  async parseParams(_pipeline: PipelineCode, raw: RawParams): Promise<Json> {
    return JSON.parse(JSON.stringify(raw));
  }

  /** No simulated schedule is code. */
  async nextTicks(): Promise<TickAnswer> {
    return { ticks: [], isLast: true };
  }

  /** No simulated pipeline waits for files. */
  async findFiles(): Promise<FilesAnswer> {
    return { kind: "files", print: "", files: [] };
  }

  /** Nothing of it is left when its node dies, and nobody hears of it when the executor is closed. */
  poll(poll: PollOrder): Promise<PollAnswer> {
    const { life, world, pollOf } = this.#parts;
    if (!life.isAlive || this.#isClosed) return new Promise(() => {});
    const { answer, ms } = pollOf(poll);
    world.note(`${life.name} looks for ${poll.order.task.name}: ${answer.kind}`);
    return new Promise((resolve) => {
      life.after(ms, () => {
        if (!this.#isClosed) resolve(answer);
      });
    });
  }

  execute(order: AttemptOrder): Promise<AttemptReport> {
    const { life, world, clock, ledger, behaviourOf, onStart } = this.#parts;
    if (!life.isAlive) return new Promise(() => {});
    if (this.#isClosed) return Promise.resolve(CLOSED);
    this.#started += 1;
    const name = `${life.name}/process-${this.#started}`;
    return new Promise((resolve) => {
      const onEnd = (report: AttemptReport): void => {
        timeout?.cancel();
        this.#processes.delete(keyOf(order));
        if (this.#processes.size === 0) this.#onEmpty();
        life.after(0, () => {
          this.#parts.onReport(order, report);
          resolve(report);
        });
      };
      const process = new TaskProcess({ world, ledger, order, name, behaviour: behaviourOf(order), onEnd });
      const { timeoutMs } = order.task;
      const timeout = timeoutMs === undefined ? undefined : clock.after(timeoutMs, () => process.terminate(TIMED_OUT));
      this.#processes.set(keyOf(order), process);
      onStart(process);
    });
  }

  stop(id: AttemptId): void {
    this.#processes.get(keyOf(id))?.terminate(STOPPED);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const { clock, life } = this.#parts;
    if (this.#processes.size === 0) return;
    for (const process of this.processes) process.terminate(STOPPED);
    await new Promise<void>((resolve) => {
      this.#onEmpty = () => life.after(0, resolve);
      clock.after(CLOSE_GRACE_MS, () => {
        for (const process of this.processes) process.kill();
      });
    });
  }
}

function keyOf({ taskRunKey, generation, attempt }: AttemptId): string {
  return `${taskRunKey}.${generation}.${attempt}`;
}

const STOPPED = { kind: "cancelled", failure: { reason: "cancelled", message: "The attempt was stopped." } } as const;
const TIMED_OUT = { kind: "failed", failure: { reason: "timeout", message: "The attempt timed out." } } as const;
const CLOSED: AttemptReport = { result: STOPPED };
