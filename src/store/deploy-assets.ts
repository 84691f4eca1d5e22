import { canonicalJson } from "../core/canonical-json.ts";
import { assetDeadlinesOf, firstMoment } from "../core/deadline/asset-deadline.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import type { Transaction } from "./transaction.ts";

/** Gives the assets of the current version their deadlines, and takes them from those that it does not have. */
export async function deployAssets(
  tx: Transaction,
  project: string,
  pipelines: readonly PipelineSpec[],
): Promise<void> {
  const wanted = assetDeadlinesOf(pipelines);
  const rows = await tx.assets.lockAll(project);
  if (wanted.size === 0 && rows.length === 0) return;
  const known = new Map(rows.map((row) => [row.asset, row]));
  const gone = rows.filter(({ asset, nextAt }) => nextAt !== null && !wanted.has(asset));
  const changed = [...wanted].flatMap(([asset, deadline]) => {
    const spec = canonicalJson({ ...deadline });
    const row = known.get(asset);
    if (row?.spec === spec && row.nextAt !== null) return [];
    return [{ project, asset, spec, nextAt: firstMoment(deadline, tx.now) }];
  });
  await tx.assets.save([...gone.map((row) => ({ ...row, nextAt: null })), ...changed]);
}
