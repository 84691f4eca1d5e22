import type { LaneView } from "./lane.ts";

/** The slots of a process that claims, and how many of them attempts of backfills hold. */
export interface BackgroundUse {
  readonly slots: number;
  readonly used: number;
}

/** What runs of backfills get of the slots of a process (BF-3). */
export interface BackgroundShare {
  /** Up to here they go before live runs. */
  readonly least: number;
  /** Beyond this they leave slots free, so that a live task finds one. */
  readonly most: number;
}

/** Of so many slots backfills keep one at least, however much else waits. */
const SLOTS_PER_KEPT = 10;
/** Of so many slots backfills leave one free, however little else there is: a live task is not to wait for one of theirs. */
const SLOTS_PER_FREE = 2;
/** Where there is but one slot, it is the turn of a backfill after so many others. */
const TURNS_BETWEEN = 9;

/** `lanes` are all that wait, live and background ones. */
export function backgroundShare(slots: number, lanes: readonly LaneView[]): BackgroundShare {
  if (slots < 2) return { least: isItsTurn(lanes) ? slots : 0, most: slots };
  const most = slots - Math.ceil(slots / SLOTS_PER_FREE);
  return { least: Math.min(Math.ceil(slots / SLOTS_PER_KEPT), most), most };
}

/** A slot cannot be shared but by turns. */
function isItsTurn(lanes: readonly LaneView[]): boolean {
  const live = lanes.filter((lane) => !isBackground(lane)).map((lane) => lane.pipelineServedAt ?? lane.servedAt);
  const background = lanes.filter(isBackground).map(({ servedAt }) => servedAt);
  return Math.max(...live) - Math.max(...background) >= TURNS_BETWEEN;
}

/** Task runs of backfills wait in lanes of their own. */
export function isBackground({ key }: Pick<LaneView, "key">): boolean {
  return key.scopes.some(({ name }) => name.startsWith(BACKFILL_SCOPE));
}

/** The scope of all attempts of a backfill; it has no limit, and is closed while the backfill is paused. */
export function backfillScope(backfill: number): string {
  return `${BACKFILL_SCOPE}${backfill}`;
}

const BACKFILL_SCOPE = "backfill:";
