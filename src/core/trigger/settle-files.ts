import type { Instant } from "../instant.ts";
import { type Unchanged, unchangedSince } from "../unchanged-since.ts";
import { type FileState, fileStateId } from "./file-state.ts";

/** By path, since when each file looks as it does. */
export type SeenFiles = ReadonlyMap<string, Unchanged>;

export interface SettledFiles {
  readonly seen: SeenFiles;
  /** Those that have not changed for long enough. */
  readonly settled: readonly FileState[];
  /** When the next of the others will have; absent when there are none. */
  readonly nextInMs?: number;
}

/** Files are settled that look as they did at an earlier look, `stableForMs` ago or longer. */
export function settleFiles(
  before: SeenFiles,
  files: readonly FileState[],
  { stableForMs, now }: { readonly stableForMs: number; readonly now: Instant },
): SettledFiles {
  const seen = new Map<string, Unchanged>();
  const settled: FileState[] = [];
  let nextInMs = Number.POSITIVE_INFINITY;
  for (const file of files) {
    const unchanged = unchangedSince(before.get(file.path), fileStateId(file), now);
    seen.set(file.path, unchanged);
    const leftMs = unchanged.since + stableForMs - now;
    if (leftMs <= 0) settled.push(file);
    else nextInMs = Math.min(nextInMs, leftMs);
  }
  return { seen, settled, ...(Number.isFinite(nextInMs) ? { nextInMs } : {}) };
}
