/** What was decided for a task run while its run went on, kept with it: it stands until the task run is cleared. */
export interface RunDecision {
  /** A branch: direct dependants that do not go on, by index (SK-1, SK-2). */
  readonly skips?: readonly number[];
  /** A short circuit that was false (SK-3). */
  readonly stops?: true;
  /** A map: how many items it has been expanded to; this task run stands for all of them no more (DM-1). */
  readonly mapped?: number;
  /** The end of a group: attempts of the whole group that have failed in this generation (GR-1). */
  readonly failedAttempts?: number;
}

/** Whether the task run has been replaced by one for each item. */
export function isExpanded(decision: RunDecision | null): boolean {
  return (decision?.mapped ?? 0) > 0;
}
