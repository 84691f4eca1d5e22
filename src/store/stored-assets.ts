import { type AssetDeadline, assetDeadlineText } from "../core/deadline/asset-deadline.ts";
import type { AssetRow } from "./asset-rows.ts";
import type { AssetDeadlineRecord, AssetStore } from "./asset-store.ts";
import { assetsDue, missAssetDeadlines } from "./miss-asset-deadlines.ts";
import type { TimerFiring } from "./store.ts";
import { StoredDeadlines } from "./stored-deadlines.ts";

/** Assets that must be made by a time of day. */
export abstract class StoredAssets extends StoredDeadlines implements AssetStore {
  async missAssetDeadlines(): Promise<TimerFiring> {
    const due = await this.database.read(assetsDue);
    return due === "due" ? this.database.write(missAssetDeadlines) : due;
  }

  assetDeadlines(project: string): Promise<readonly AssetDeadlineRecord[]> {
    return this.database.read(async (rows) => (await rows.assets.ofProject(project)).map(toAssetRecord));
  }
}

function toAssetRecord({ asset, spec, nextAt, madeAt, madeBy, missedDue, missedAt }: AssetRow): AssetDeadlineRecord {
  const isLate = missedDue !== null && missedAt !== null && (madeAt === null || madeAt < missedAt);
  return {
    asset,
    deadline: assetDeadlineText(JSON.parse(spec) as AssetDeadline),
    nextAt: nextAt ?? 0,
    ...(madeAt === null ? {} : { madeAt }),
    ...(madeBy === null ? {} : { madeBy }),
    ...(isLate ? { lateSince: missedDue } : {}),
  };
}
