import { actOnBackfill } from "./act-on-backfill.ts";
import type { BackfillWork } from "./advance-backfill.ts";
import { backfillWork, carryOutWork } from "./advance-backfill.ts";
import type {
  AdvanceRequest,
  BackfillActionRequest,
  BackfillActionResult,
  BackfillAdvance,
  BackfillFilter,
  BackfillPreview,
  BackfillRecord,
  BackfillSketch,
  NewBackfill,
} from "./backfill-records.ts";
import type { BackfillRow } from "./backfill-rows.ts";
import type { BackfillStore } from "./backfill-store.ts";
import { createBackfill } from "./create-backfill.ts";
import { pathPriorities } from "./path-priorities.ts";
import { previewBackfill } from "./preview-backfill.ts";
import type { RunId } from "./run-id.ts";
import { StoredWatches } from "./stored-watches.ts";
import { toBackfillRecord } from "./to-backfill-record.ts";
import { usualTimes } from "./usual-times.ts";

/** Ranges of intervals to run again or at last. */
export abstract class StoredBackfills extends StoredWatches implements BackfillStore {
  createBackfill(wanted: NewBackfill): Promise<{ readonly backfill: BackfillRecord; readonly isNew: boolean }> {
    return this.database.write(async (tx) => {
      const { row, isNew } = await createBackfill(tx, wanted);
      return { backfill: await toBackfillRecord(tx, row), isNew };
    });
  }

  async advanceBackfills({ project, only, newRunId }: AdvanceRequest): Promise<BackfillAdvance> {
    const rows = await this.database.read((reader) => reader.backfills.unfinished(project));
    const open = rows.filter(({ key, state }) => state !== "paused" && (only === undefined || key === only));
    const advanced: { readonly begun: readonly RunId[]; readonly isBusy: boolean }[] = [];
    for (const row of open) advanced.push(await this.#advance(row, newRunId));
    const active =
      only === undefined || open.length === 0
        ? []
        : await this.database.read((reader) => reader.backfills.activeRuns(only));
    return {
      begun: advanced.flatMap(({ begun }) => begun),
      active: active.map(({ id }) => id),
      isBusy: advanced.some(({ isBusy }) => isBusy),
      open: open.length,
    };
  }

  async actOnBackfill(request: BackfillActionRequest): Promise<BackfillActionResult> {
    const row = await this.database.read((rows) => rows.backfills.backfill(request.project, request.id));
    if (row === undefined) return { kind: "not_found" };
    const refusal = await this.database.write((tx) => actOnBackfill(tx, row, request));
    if (refusal !== undefined) return { kind: "refused", message: refusal };
    const backfill = await this.backfill(request.project, request.id);
    return backfill === undefined ? { kind: "not_found" } : { kind: "done", backfill };
  }

  backfill(project: string, id: number): Promise<BackfillRecord | undefined> {
    return this.database.read(async (rows) => {
      const row = await rows.backfills.backfill(project, id);
      return row === undefined ? undefined : toBackfillRecord(rows, row);
    });
  }

  backfills(filter: BackfillFilter): Promise<readonly BackfillRecord[]> {
    return this.database.read(async (rows) => {
      const found: BackfillRecord[] = [];
      for (const row of await rows.backfills.backfills(filter)) found.push(await toBackfillRecord(rows, row));
      return found;
    });
  }

  previewBackfill(sketch: BackfillSketch): Promise<BackfillPreview> {
    return this.database.read((rows) => previewBackfill(rows, sketch));
  }

  /** Looked at without a transaction: most looks find nothing to do. */
  async #advance(seen: BackfillRow, newRunId: () => RunId) {
    const { pipeline, hints, work } = await this.database.read(async (rows) => {
      const found = await this.pipelines.get(rows, seen.versionHash, seen.pipeline);
      const priorities = await pathPriorities(rows, this.pipelines, seen, found);
      const usual = await usualTimes(rows, this.pipelines, seen, found);
      return { pipeline: found, hints: { priorities, usual }, work: await backfillWork(rows, seen, found) };
    });
    if (work.kind === "nothing") return { begun: [], isBusy: false };
    if (work.kind === "cancel") {
      for (const run of work.runs) await this.stop({ run, how: "cancel", actor: seen.actor });
      return { begun: [], isBusy: true };
    }
    const firstKeys: number[] = [];
    while (firstKeys.length < runsMade(work)) firstKeys.push(await this.reserveKeys(pipeline.spec.tasks.length));
    const begun = await this.database.write(async (tx) => {
      if (work.kind === "retry") await tx.closeClaimGate();
      await tx.lockPipelines([seen]);
      const row = await tx.backfills.backfill(seen.project, seen.key);
      // Moved to another version meanwhile, it is looked at anew.
      if (row === undefined || row.versionHash !== seen.versionHash) return [];
      const now = await backfillWork(tx, row, pipeline);
      if (now.kind !== work.kind || runsMade(now) > firstKeys.length) return [];
      return carryOutWork(tx, this.pipelines, now, { row, pipeline, ...hints, newRunId, firstKeys });
    });
    return { begun, isBusy: work.kind !== "step" || begun.length < work.free };
  }
}

function runsMade(work: BackfillWork): number {
  if (work.kind === "step") return work.step.runs.length;
  return work.kind === "retry" && work.how === "replace" ? 1 : 0;
}
