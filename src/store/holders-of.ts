import type { CompiledPipelines } from "./compiled-pipelines.ts";
import type { HolderRecord } from "./limit-records.ts";
import type { Reader } from "./transaction.ts";

const HOLDERS_MAX = 100;

/** Who holds slots of these scopes, with the names of their tasks. */
export async function holdersOf(
  rows: Reader,
  pipelines: CompiledPipelines,
  project: string,
  names: readonly string[],
): Promise<readonly HolderRecord[]> {
  const found: HolderRecord[] = [];
  for (const { versionHash, taskIndex, taskRunKey: _, isDeferred, ...holder } of await rows.scopeHolders(
    project,
    names,
    HOLDERS_MAX,
  )) {
    const { spec } = await pipelines.get(rows, versionHash, holder.pipeline);
    found.push({
      ...holder,
      isDeferred: Boolean(isDeferred),
      task: spec.tasks[taskIndex]?.name ?? `task ${taskIndex}`,
    });
  }
  return found;
}
