import { isFinished } from "../../../core/state.ts";
import type { Commit, RunMove } from "./commit.ts";
import type { LimitWatchParts } from "./limit-watch.ts";
import type { RunFold } from "./run-fold.ts";

/** Runs of one pipeline under way at the same time, when it does not say. */
const RUNS_MAX = 16;

/**
 * CC-1: a run begins, or begins again, only where its pipeline has room, for those as well that were asked for earlier.
 * CC-6: a run gives its place back only when it has nothing to do but to wait for the past.
 */
export class PlaceWatch {
  readonly #parts: Pick<LimitWatchParts, "findings" | "probes" | "handSet">;
  /** Runs that have given their place back: whether they ask for one again is for what is open in them to say. */
  readonly #waitsForPast = new Set<RunFold>();

  constructor(parts: Pick<LimitWatchParts, "findings" | "probes" | "handSet">) {
    this.#parts = parts;
  }

  look({ runMoves, folds }: Commit): void {
    for (const move of runMoves) {
      // Runs of backfills have places of their own.
      if (move.fold.asked.backfill !== null) continue;
      const { from, to } = move.event;
      // One of which nothing is left passes through.
      if (to === "running" && move.fold.state === "running") this.#begins(move, folds);
      if (from === "running" && to === "queued") this.#givesBack(move);
    }
  }

  #begins({ fold, runKey }: RunMove, folds: ReadonlyMap<number, RunFold>): void {
    const ofPipeline = [...folds].filter(([, { spec, asked }]) => spec === fold.spec && asked.backfill === null);
    const { findings, probes, handSet } = this.#parts;
    const limit = handSet.of(`runs:${fold.spec.name}`, fold.spec.maxRuns) ?? RUNS_MAX;
    const running = ofPipeline.filter(([, { state }]) => state === "running").length;
    if (running === limit) probes.reached("all places of a pipeline taken");
    findings.expect(
      running <= limit,
      "I24",
      () => `${fold.id} begins, and ${running} runs of ${fold.spec.name} are under way, of ${limit}`,
    );
    // Its past has let it go, and the others are not asked.
    if (this.#waitsForPast.delete(fold)) return;
    const older = ofPipeline.filter(
      ([key, other]) => key < runKey && other.state === "queued" && !this.#waitsForPast.has(other),
    );
    findings.expect(
      older.length <= limit - running,
      "CC-2",
      () => `${fold.id} begins, and leaves no place for ${older.map(([, { id }]) => id).join(", ")} before it`,
    );
  }

  #givesBack({ fold, event }: RunMove): void {
    this.#waitsForPast.add(fold);
    this.#parts.probes.reached("a run gives its place back");
    const busy = [...fold.tasks.values()].find(
      ({ state, reason }) =>
        !isFinished(state) && state !== "scheduled" && !(state === "deferred" && reason === "past"),
    );
    this.#parts.findings.expect(
      event.reason === "past" && busy === undefined,
      "CC-6",
      () => `${fold.id} gives its place back while ${busy?.spec.name} is ${busy?.state}`,
    );
  }
}
