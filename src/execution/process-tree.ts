import type { Clock, Timer } from "../ports/clock.ts";
import { type ProcessRow, type ProcessTable, treeOf } from "../ports/process-table.ts";
import { killMarked, signalGroup, signalProcess } from "../ports/processes.ts";

/** Environment variable that one process and everything it starts carry, beside the session's. */
export const PROCESS_VARIABLE = "BATUTA_PROCESS";

export interface ProcessTreeParts {
  /** Leader of a process group of its own. */
  readonly pid: number;
  /** Value of `PROCESS_VARIABLE`; no other process has it. */
  readonly mark: string;
  readonly clock: Clock;
  readonly table: ProcessTable;
}

/**
 * A process with everything it has started: its group, its descendants in groups and sessions of their own, and those
 * whose parents are gone, which are known by their environment or have been seen before. Only a process that leaves the
 * group, loses its parent and has its environment emptied, all between two looks, gets away.
 */
export class ProcessTree {
  readonly #parts: ProcessTreeParts;
  #graceTimer: Timer | undefined;
  #killing: Promise<number> | undefined;
  #leaderIsGone = false;
  /** Seen in the tree at some time: pid -> start time. */
  readonly #seen = new Map<number, string>();

  /** NaN where start times are no numbers. */
  readonly #startedAt: number;

  constructor(parts: ProcessTreeParts) {
    this.#parts = parts;
    this.#startedAt = Number(parts.table.startTimeOf(parts.pid));
  }

  /** SIGTERM to the group now, SIGKILL to everything after the grace time. */
  terminate(graceMs: number): void {
    if (this.#killing !== undefined || this.#graceTimer !== undefined) return;
    this.remember(this.others());
    signalGroup(this.#parts.pid, "SIGTERM");
    this.#graceTimer = this.#parts.clock.after(graceMs, () => void this.kill());
  }

  /** SIGKILL to everything. Resolves when nothing of it runs, with how many ran beside the process itself. */
  kill(): Promise<number> {
    this.#killing ??= this.#killAll();
    return this.#killing;
  }

  /** The process itself has ended: what it has left behind is ended too. Resolves like `kill`. */
  sweep(): Promise<number> {
    this.#leaderIsGone = true;
    return this.kill();
  }

  /** Somebody has looked at the tree: who belongs to it now does so for good, also when its parent dies. */
  remember(rows: readonly ProcessRow[]): void {
    for (const { pid, startTime } of rows) this.#seen.set(pid, startTime);
  }

  /** What runs beside the process itself. */
  others(): readonly ProcessRow[] {
    const { pid, mark, table } = this.#parts;
    const rows = table.rows();
    const tree = this.#leaderIsGone ? rows.filter((row) => row.group === pid) : treeOf(rows, pid);
    const seen = rows.filter((row) => this.#seen.get(row.pid) === row.startTime);
    this.#seen.clear();
    this.remember(seen);
    const found = new Map([...tree, ...seen].map((row) => [row.pid, row]));
    // Nothing that is older can be of this tree, which spares reading most environments.
    const younger = rows.filter((row) => !(Number(row.startTime) < this.#startedAt));
    for (const row of table.marked(`${PROCESS_VARIABLE}=${mark}`, younger)) found.set(row.pid, row);
    found.delete(pid);
    return [...found.values()];
  }

  /** CPU time of the process itself and of the children it has waited for. */
  leaderCpuMs(): number {
    return this.#parts.table.rows().find((row) => row.pid === this.#parts.pid)?.cpuMs ?? 0;
  }

  async #killAll(): Promise<number> {
    this.#graceTimer?.cancel();
    const { pid, mark, clock, table } = this.#parts;
    // Looked at first: when the parent is gone, nobody can tell whose child it was.
    const others = this.others();
    signalGroup(pid, "SIGKILL");
    for (const other of others) signalProcess(other.pid, "SIGKILL");
    if (others.length > 0 || !this.#leaderIsGone) await killMarked(`${PROCESS_VARIABLE}=${mark}`, clock, table);
    return others.length;
  }
}
