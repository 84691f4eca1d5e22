import { formatBytes } from "../core/bytes.ts";
import { formatDuration } from "../core/duration.ts";
import type { Failure } from "../core/failure.ts";
import type { TaskSpec } from "../core/manifest.ts";
import type { Clock, Timer } from "../ports/clock.ts";
import type { StopManner } from "./executor.ts";
import type { ProcessTree } from "./process-tree.ts";
import type { TreeSample, UsageSampler, Watch } from "./usage-sampler.ts";

/** Why an attempt is ended before it ends by itself. */
type EndCause = "timeout" | "cancelled" | "memory_limit";

export interface AttemptGuardParts {
  readonly task: TaskSpec;
  readonly clock: Clock;
  readonly sampler: UsageSampler;
}

/** Keeps the limits of one running attempt: its time, its memory, and the wish that it stop. */
export class AttemptGuard {
  readonly #parts: AttemptGuardParts;
  #tree: ProcessTree | undefined;
  #timer: Timer | undefined;
  #watch: Watch | undefined;
  #cause: EndCause | undefined;
  #killsAtOnce = false;
  #last: TreeSample | undefined;
  #peakBytes = 0;
  /** Called after every sample. */
  onSample: () => void = () => {};
  /** Called when the attempt is to stop and no process has it at the moment. */
  onStop: () => void = () => {};

  constructor(parts: AttemptGuardParts) {
    this.#parts = parts;
  }

  /** The time-out begins to run. */
  startClock(): void {
    const { task, clock } = this.#parts;
    if (this.#timer !== undefined || task.timeoutMs === undefined) return;
    this.#timer = clock.after(task.timeoutMs, () => this.#stop("timeout"));
  }

  /** The attempt runs in this process from now on. */
  begin(pid: number, tree: ProcessTree): void {
    this.startClock();
    this.#tree = tree;
    this.#watch = this.#parts.sampler.watch(pid, (sample, rows) => {
      tree.remember(rows);
      this.#note(sample);
    });
    if (this.#killsAtOnce) void tree.kill();
    else if (this.#cause !== undefined) tree.terminate(this.#parts.task.graceMs);
  }

  /** It has ended, or another process will go on with it. */
  pause(): void {
    if (this.#watch !== undefined) this.#parts.sampler.stop(this.#watch);
    this.#watch = undefined;
    this.#tree = undefined;
  }

  /** It has ended for good. */
  end(): void {
    this.pause();
    this.#timer?.cancel();
  }

  /** `now` leaves no grace time, nor what is left of one that has begun. */
  cancel({ now }: StopManner = { now: false }): void {
    this.#killsAtOnce ||= now;
    this.#stop("cancelled");
    if (now) void this.#tree?.kill();
  }

  get isStopping(): boolean {
    return this.#cause !== undefined;
  }

  /** CPU time of the whole tree since its beginning, at the last sample. */
  get sampledCpuMs(): number {
    return this.#last?.cpuMs ?? 0;
  }

  get sampledPeakBytes(): number {
    return this.#peakBytes;
  }

  /** How a stopped attempt is recorded; undefined when nobody has stopped it. */
  stopFailure(): Failure | undefined {
    const { timeoutMs = 0, graceMs, memoryLimitBytes = 0 } = this.#parts.task;
    switch (this.#cause) {
      case undefined:
        return undefined;
      case "cancelled":
        return { reason: "cancelled", message: "The attempt was cancelled." };
      case "timeout":
        return {
          reason: "timeout",
          message: `The attempt ran longer than its time-out of ${formatDuration(timeoutMs)} and was ended.`,
          hint: `It had ${formatDuration(graceMs)} from SIGTERM to SIGKILL; raise \`timeout\` if it needs more time.`,
        };
      case "memory_limit":
        return {
          reason: "memory_limit",
          message: `The attempt used ${formatBytes(this.#peakBytes)} of memory, more than its limit of ${formatBytes(memoryLimitBytes)}.`,
          hint: "Work on smaller parts, or raise `memoryLimit`.",
        };
    }
  }

  #note(sample: TreeSample): void {
    this.#last = sample;
    this.#peakBytes = Math.max(this.#peakBytes, sample.residentBytes);
    const { memoryLimitBytes } = this.#parts.task;
    if (memoryLimitBytes !== undefined && sample.residentBytes > memoryLimitBytes) this.#stop("memory_limit");
    this.onSample();
  }

  /** The first cause stands; a cancel during the grace time of a time-out changes nothing. */
  #stop(cause: EndCause): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    if (this.#tree === undefined) this.onStop();
    else if (cause === "memory_limit") void this.#tree.kill();
    else this.#tree.terminate(this.#parts.task.graceMs);
  }
}
