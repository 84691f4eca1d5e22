import { assetDeadlinesOf, assetDeadlineText, judgeAsset } from "../../core/deadline/asset-deadline.ts";
import type { Instant } from "../../core/instant.ts";
import type { ForeseenRun } from "./foresee.ts";
import type { ForeseenProject } from "./foreseen-project.ts";

/** An asset that will not have been made by its time of day. */
export interface LateAsset {
  readonly asset: string;
  readonly deadline: string;
  readonly due: Instant;
  /** When it will be made after that; absent = not in this time. */
  readonly madeAt?: Instant;
}

/** By what makes assets in these runs, and by when they were made before. In the order of time. */
export function lateAssets(
  runs: readonly ForeseenRun[],
  { manifest, assets, to }: ForeseenProject,
): readonly LateAsset[] {
  const deadlines = assetDeadlinesOf(manifest.pipelines);
  const makes = makesOf(runs);
  const late = assets.flatMap(({ asset, madeAt, nextAt }): readonly LateAsset[] => {
    const deadline = deadlines.get(asset);
    if (deadline === undefined) return [];
    const made = [...(madeAt === undefined ? [] : [madeAt]), ...(makes.get(asset) ?? [])].sort(
      (one, other) => one - other,
    );
    const found: LateAsset[] = [];
    for (let at = nextAt; at <= to; ) {
      const before = made.findLast((moment) => moment <= at);
      const verdict = judgeAsset(deadline, before, at);
      const later = made.find((moment) => moment > at);
      if (verdict.missed !== undefined) {
        const facts = { asset, deadline: assetDeadlineText(deadline), due: verdict.missed };
        found.push(later === undefined ? facts : { ...facts, madeAt: later });
      }
      at = verdict.nextAt;
    }
    return found;
  });
  return late.sort((one, other) => one.due - other.due);
}

function makesOf(runs: readonly ForeseenRun[]): ReadonlyMap<string, readonly Instant[]> {
  const makes = new Map<string, Instant[]>();
  for (const { pipeline, taskRuns } of runs) {
    for (const { taskIndex, state, finishedAt } of taskRuns) {
      if (state !== "success" || finishedAt === undefined) continue;
      for (const { key } of pipeline.tasks[taskIndex]?.outputs ?? []) {
        makes.set(key, [...(makes.get(key) ?? []), finishedAt]);
      }
    }
  }
  return makes;
}
