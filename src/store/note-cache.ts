import type { CacheNote } from "./cache-records.ts";
import type { TaskRunRow } from "./rows.ts";
import { storableReason } from "./storable.ts";
import type { CompletionResult } from "./store.ts";
import type { WorkingSet } from "./working-set.ts";

/** Keeps the value of a success for the next one that asks for the same; says where no key was found. */
export function noteCache(set: WorkingSet, row: TaskRunRow, cache: CacheNote, result: CompletionResult): void {
  const { key: taskRunKey, runKey, taskIndex, mapKey, generation } = row;
  if (cache.kind === "unknown") {
    set.note(runKey, { kind: "cache_passed", taskIndex, mapKey, generation, why: storableReason(cache.why) });
    return;
  }
  // What doneWhen found done was not computed here.
  if (result.kind !== "success" || result.reason !== undefined) return;
  const { project, id: runId } = set.run(runKey).after;
  const expiresAt = cache.ttlMs === undefined ? null : set.now + cache.ttlMs;
  set.keepForCache({ project, key: cache.key, runId, taskRunKey, value: result.output ?? null, expiresAt });
}
