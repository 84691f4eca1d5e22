import { type AssetDeadline, assetDeadlineText, judgeAsset } from "../core/deadline/asset-deadline.ts";
import { instantText } from "../core/instant.ts";
import type { AssetFinding, AssetRow } from "./asset-rows.ts";
import { NO_RUN } from "./records.ts";
import type { TimerFiring } from "./store.ts";
import type { Reader, Transaction } from "./transaction.ts";
import { WorkingSet } from "./working-set.ts";

/** Whether the moment of an asset has come, without a transaction. */
export async function assetsDue(rows: Reader): Promise<TimerFiring | "due"> {
  const at = await rows.assets.nextAt();
  if (at === undefined) return { fired: 0 };
  return at <= rows.now ? "due" : { fired: 0, nextInMs: at - rows.now };
}

/** Tells of assets that were not made in time, once for each moment, and only of the last one that has come. */
export async function missAssetDeadlines(tx: Transaction): Promise<TimerFiring> {
  const set = new WorkingSet(tx.now);
  const findings = (await tx.assets.lockDue()).map((row) => lookAt(set, row));
  if (findings.length > 0) await tx.assets.note(findings);
  await tx.apply(set.changes());
  const next = await tx.assets.nextAt();
  const fired = findings.filter(({ missedDue }) => missedDue !== null).length;
  return { fired, ...(next === undefined ? {} : { nextInMs: Math.max(next - tx.now, 0) }) };
}

function lookAt(set: WorkingSet, row: AssetRow): AssetFinding {
  const { project, asset, madeAt, madeBy } = row;
  const deadline = JSON.parse(row.spec) as AssetDeadline;
  const { nextAt, missed } = judgeAsset(deadline, madeAt ?? undefined, set.now);
  if (missed !== undefined) {
    const made = madeAt === null ? "it was never made" : `it was made last at ${instantText(madeAt)} by run ${madeBy}`;
    const facts = { deadline: assetDeadlineText(deadline), dueAt: missed, waitsFor: [made] };
    set.note(NO_RUN, { kind: "asset_deadline_missed", project, asset, ...facts });
  }
  return { project, asset, nextAt, missedDue: missed ?? null };
}
