import type { Clock, Timer } from "../ports/clock.ts";
import { type ProcessRow, type ProcessTable, treeOf } from "../ports/process-table.ts";

/** What a process and everything it has started use together at one moment. */
export interface TreeSample {
  /** Since they began; of those that have ended, what their parent has waited for. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** After 10 ms, then 20, 40 … and at last every 500 ms: short attempts are seen too, long ones cost next to nothing. */
const FIRST_PAUSE_MS = 10;
const PAUSE_MS_MAX = 500;
/** The share of the time that sampling may take on a host with very many processes. */
const COST_SHARE_MAX = 0.05;

/**
 * Looks at running attempts now and then: one timer and one reading of the process table for all of them, none at all
 * while nothing runs longer than 10 ms.
 */
export class UsageSampler {
  readonly #table: ProcessTable;
  readonly #clock: Clock;
  readonly #watches = new Set<Watch>();
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #notBefore = 0;

  constructor(table: ProcessTable, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  /** Tells what the tree of `pid` uses, again and again, until `stop` is called with what comes back. */
  watch(pid: number, onSample: (sample: TreeSample, tree: readonly ProcessRow[]) => void): Watch {
    const watch: Watch = { pid, onSample, pauseMs: FIRST_PAUSE_MS, dueAt: this.#clock.mono() + FIRST_PAUSE_MS };
    this.#watches.add(watch);
    this.#wakeAt(watch.dueAt);
    return watch;
  }

  stop(watch: Watch): void {
    this.#watches.delete(watch);
  }

  close(): void {
    this.#watches.clear();
    this.#timer?.cancel();
  }

  #wakeAt(dueAt: number): void {
    const at = Math.max(dueAt, this.#notBefore);
    if (at >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#clock.after(at - this.#clock.mono(), () => this.#tick());
  }

  #tick(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.mono();
    const due = [...this.#watches].filter((watch) => watch.dueAt <= now);
    if (due.length > 0) this.#sample(due, now);
    for (const { dueAt } of this.#watches) this.#wakeAt(dueAt);
  }

  #sample(due: readonly Watch[], now: number): void {
    const rows = this.#table.rows();
    for (const watch of due) {
      const tree = treeOf(rows, watch.pid);
      watch.dueAt = now + watch.pauseMs;
      watch.pauseMs = Math.min(watch.pauseMs * 2, PAUSE_MS_MAX);
      if (tree.length > 0) watch.onSample(sumOf(tree), tree);
    }
    this.#notBefore = now + (this.#clock.mono() - now) / COST_SHARE_MAX;
  }
}

export interface Watch {
  readonly pid: number;
  readonly onSample: (sample: TreeSample, tree: readonly ProcessRow[]) => void;
  pauseMs: number;
  dueAt: number;
}

/** Of a tree, everything together. */
export function sumOf(tree: readonly TreeSample[]): TreeSample {
  let cpuMs = 0;
  let residentBytes = 0;
  for (const row of tree) {
    cpuMs += row.cpuMs;
    residentBytes += row.residentBytes;
  }
  return { cpuMs, residentBytes };
}
