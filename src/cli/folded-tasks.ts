import type { TaskRunState } from "../core/state.ts";
import { stateOfMany } from "../core/state-of-many.ts";
import type { TaskReport } from "./run-report.ts";
import { counted } from "./terminal/counted.ts";
import { stateLabel } from "./terminal/state-style.ts";

/** Tasks with one line each: of a mapped task, what all of its task runs came to. Takes them one by one, keeps none. */
export class FoldedTasks {
  /** Of a mapped task its items, by its name. */
  readonly #tasks = new Map<string, TaskReport | ItemsTogether>();

  add(report: TaskReport): void {
    const { task, name } = report;
    if (task === undefined) {
      this.#tasks.set(name, report);
      return;
    }
    const known = this.#tasks.get(task);
    const items = known instanceof ItemsTogether ? known : new ItemsTogether();
    items.add(report);
    this.#tasks.set(task, items);
  }

  get tasks(): readonly TaskReport[] {
    return [...this.#tasks].map(([name, task]) => (task instanceof ItemsTogether ? task.report(name) : task));
  }
}

class ItemsTogether {
  readonly #byState = new Map<TaskRunState, number>();
  #attempts = 0;
  #use: { readonly cpuMs: number; readonly peakMemoryBytes: number } | undefined;
  #startedAt = Number.POSITIVE_INFINITY;
  #finishedAt = Number.NEGATIVE_INFINITY;

  add({ state, attempts, startedAt, finishedAt, cpuMs, peakMemoryBytes = 0 }: TaskReport): void {
    this.#byState.set(state, (this.#byState.get(state) ?? 0) + 1);
    this.#attempts += attempts;
    if (startedAt !== undefined) this.#startedAt = Math.min(this.#startedAt, Date.parse(startedAt));
    if (finishedAt !== undefined) this.#finishedAt = Math.max(this.#finishedAt, Date.parse(finishedAt));
    if (cpuMs === undefined) return;
    const before = this.#use ?? { cpuMs: 0, peakMemoryBytes: 0 };
    this.#use = { cpuMs: before.cpuMs + cpuMs, peakMemoryBytes: Math.max(before.peakMemoryBytes, peakMemoryBytes) };
  }

  report(name: string): TaskReport {
    return {
      name,
      state: stateOfMany((state) => this.#byState.has(state)),
      attempts: this.#attempts,
      ...this.#span(),
      ...this.#use,
      reason: this.#counts(),
    };
  }

  /** From the first start to the last end. */
  #span(): { readonly durationMs?: number } {
    const durationMs = this.#finishedAt - this.#startedAt;
    return durationMs < 0 ? {} : { durationMs };
  }

  #counts(): string {
    const counts = [...this.#byState];
    const [only] = counts;
    if (only !== undefined && counts.length === 1) return counted(only[1], "item");
    return counts.map(([state, count]) => `${count.toLocaleString("en")} ${stateLabel(state)}`).join(", ");
  }
}
