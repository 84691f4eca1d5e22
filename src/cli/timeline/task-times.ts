import type { PipelineSpec, TaskSpec } from "../../core/manifest.ts";

/** What tasks will take, by what they took before. */
export class TaskTimes {
  readonly #took: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly #assumedMs: number;

  /** @param took pipeline -> task -> milliseconds */
  constructor(took: ReadonlyMap<string, ReadonlyMap<string, number>>, assumedMs: number) {
    this.#took = took;
    this.#assumedMs = assumedMs;
  }

  of(pipeline: string, task: string): number {
    return Math.round(this.#took.get(pipeline)?.get(task) ?? this.#assumedMs);
  }

  isKnown(pipeline: string, task: string): boolean {
    return this.#took.get(pipeline)?.has(task) === true;
  }

  /** The longest way through a pipeline: what a run takes when nothing holds it up. */
  runMs({ name, tasks }: PipelineSpec): number {
    const ends: number[] = [];
    for (const task of tasks) {
      const start = Math.max(0, ...task.upstream.map((index) => ends[index] ?? 0));
      ends.push(start + (runsItself(task) ? this.of(name, task.name) : 0));
    }
    return Math.max(0, ...ends);
  }
}

/** Whether an executor is asked to run it. */
export function runsItself({ execution: { via } }: Pick<TaskSpec, "execution">): boolean {
  return via === "function" || via === "process";
}
