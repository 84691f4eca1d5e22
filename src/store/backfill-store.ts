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

/** Ranges of intervals to run again or at last (BF-1 to BF-6). */
export interface BackfillStore {
  /** Begins it; while it is unfinished the same request finds it, with `isNew` false (BF-5). */
  createBackfill(backfill: NewBackfill): Promise<{ readonly backfill: BackfillRecord; readonly isNew: boolean }>;
  /** Decides the next intervals of backfills that have room for runs, and creates these, a bounded number at a time. */
  advanceBackfills(request: AdvanceRequest): Promise<BackfillAdvance>;
  /** Pauses, resumes or cancels it, runs its failed part again, or moves it to another version. */
  actOnBackfill(request: BackfillActionRequest): Promise<BackfillActionResult>;
  backfill(project: string, id: number): Promise<BackfillRecord | undefined>;
  /** Newest first. */
  backfills(filter: BackfillFilter): Promise<readonly BackfillRecord[]>;
  /** What it would do now. */
  previewBackfill(sketch: BackfillSketch): Promise<BackfillPreview>;
}
