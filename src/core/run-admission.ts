import { type Instant, instantText } from "./instant.ts";
import type { RunState } from "./state.ts";

/** Runs of one pipeline, as a run that wants to begin finds them. */
export interface PipelineLoad {
  /** Runs in state `running`: they alone take a place. */
  readonly running: number;
  /** Runs that wait for a place, and came before. */
  readonly queued: number;
  /** The limit in force; the default when nobody has said one. */
  readonly maxRuns?: number;
  readonly paused: boolean;
}

/** Runs of a pipeline under way at the same time, unless it says otherwise (CC-1). */
const MAX_RUNS_DEFAULT = 16;

/** How many of the runs that wait may begin now, the oldest first; those of a paused pipeline wait. */
export function runRoom({ running, maxRuns = MAX_RUNS_DEFAULT, paused }: PipelineLoad): number {
  return paused ? 0 : Math.max(maxRuns - running, 0);
}

/** Whether a run that has just been asked for may begin at once, with none before it. */
export function mayBegin(load: PipelineLoad): boolean {
  return load.queued < runRoom(load);
}

/** Who has paused a pipeline. */
export interface PauseFacts {
  readonly pausedAt: Instant;
  readonly pausedBy: string;
  readonly reason?: string;
}

/** Why a run in state `queued` does not begin, as the end of a sentence. */
export function admissionText(load: PipelineLoad, pause: PauseFacts | undefined): string {
  if (pause !== undefined) return pauseText(pause);
  const { running, maxRuns = MAX_RUNS_DEFAULT } = load;
  if (maxRuns === 0) return "its pipeline is closed: its limit of runs is 0";
  return `${running} of ${maxRuns} runs of its pipeline are under way`;
}

export function pauseText({ pausedAt, pausedBy, reason }: PauseFacts): string {
  const why = reason === undefined ? "" : ` (${reason})`;
  return `its pipeline is paused since ${instantText(pausedAt)} by ${pausedBy}${why}`;
}

/**
 * When a run has started, after it moved. One that waits for its place has not; one that ends without having started,
 * by its time or by a mark, has begun and ended at once.
 */
export function startAfter(to: RunState, startedAt: Instant | null, now: Instant): Instant | null {
  if (to === "queued") return null;
  return to === "running" || (startedAt === null && to !== "cancelled") ? now : startedAt;
}
