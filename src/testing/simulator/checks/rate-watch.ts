import type { Commit, TaskMove } from "./commit.ts";
import type { LimitWatchParts } from "./limit-watch.ts";

/** CC-1: of a task with a rate no more attempts start within any window than it says, whatever becomes of them. */
export class RateWatch {
  readonly #parts: Pick<LimitWatchParts, "findings" | "probes">;
  /** When attempts have started, by task. */
  readonly #starts = new Map<string, number[]>();

  constructor(parts: Pick<LimitWatchParts, "findings" | "probes">) {
    this.#parts = parts;
  }

  look({ taskMoves }: Commit): void {
    for (const move of taskMoves) if (move.event.to === "running") this.#start(move);
  }

  /** Whether one more attempt may start at this moment. */
  hasRoomFor({ fold, task }: Pick<TaskMove, "fold" | "task">, at: number): boolean {
    const { rateLimit, name } = task.spec;
    if (rateLimit === undefined) return true;
    const starts = this.#starts.get(`${fold.spec.name}/${name}`) ?? [];
    return starts.filter((start) => start > at - rateLimit.perMs).length < rateLimit.limit;
  }

  #start({ at, fold, task }: TaskMove): void {
    const { rateLimit, name } = task.spec;
    if (rateLimit === undefined) return;
    const own = `${fold.spec.name}/${name}`;
    // The window is as long as its length, without its first moment.
    const starts = [...(this.#starts.get(own) ?? []).filter((start) => start > at - rateLimit.perMs), at];
    this.#starts.set(own, starts);
    if (starts.length === rateLimit.limit) this.#parts.probes.reached("rate reached");
    this.#parts.findings.expect(
      starts.length <= rateLimit.limit,
      "CC-1",
      () => `${own} has started ${starts.length} times in ${rateLimit.perMs} ms, and may ${rateLimit.limit} times`,
    );
  }
}
