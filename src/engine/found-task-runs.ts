import type { Store, TaskRunRecord } from "../store/store.ts";
import { nameOfPlace, type SourcePlace, uniquePlaces } from "./run-places.ts";

/** Task runs by their place. */
export type FoundTaskRuns = ReadonlyMap<string, TaskRunRecord>;

/** Looks up task runs at places of one run or of several. */
export async function findTaskRuns(
  store: Pick<Store, "taskRunsAt">,
  places: readonly SourcePlace[],
): Promise<FoundTaskRuns> {
  const found = new Map<string, TaskRunRecord>();
  for (const [runId, ofRun] of Map.groupBy(uniquePlaces(places), (place) => place.runId)) {
    for (const record of await store.taskRunsAt(runId, ofRun)) {
      found.set(nameOfPlace({ runId, index: record.taskIndex, path: record.mapKey }), record);
    }
  }
  return found;
}
