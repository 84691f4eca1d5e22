import type { LaneView } from "./lane.ts";
import type { ScopeView } from "./scope.ts";

/** The slots of a process that claims, and how many of them attempts of live runs and of backfills hold. */
export interface BackgroundUse {
  readonly slots: number;
  readonly live: number;
  readonly background: number;
}

/** Of so many slots backfills keep one at least, however much else waits. */
const SLOTS_PER_KEPT = 10;
/** Of so many slots that live runs leave, backfills leave one free: a live task is not to wait for one of theirs. */
const SLOTS_PER_FREE = 2;
/** Where there is but one slot, it is the turn of a backfill after so many others. */
const TURNS_BETWEEN = 9;

/** Up to here backfills go before live runs. `lanes` are all that wait, live and background ones. */
export function backgroundLeast(slots: number, lanes: readonly LaneView[]): number {
  if (slots < 2) return isItsTurn(lanes) ? slots : 0;
  return Math.ceil(slots / SLOTS_PER_KEPT);
}

/** Beyond this backfills leave slots free, where attempts of live runs hold so many of them. */
export function backgroundMost(slots: number, live: number): number {
  if (slots < 2) return slots;
  return slots - live - Math.ceil((slots - live) / SLOTS_PER_FREE);
}

/**
 * Whether one more task of a backfill, which takes so much of a scope, leaves enough of it to live runs; wherever it
 * runs, for scopes have no process. One of theirs may always have what is free: else a task that needs more than half
 * would never start.
 */
export function leavesEnough(
  { name, slots }: Pick<ScopeView, "name" | "slots">,
  { used, background }: { readonly used: number; readonly background: number | undefined },
  weight: number,
): boolean {
  if (slots === undefined || background === undefined || background === 0 || !isShared(name)) return true;
  return background + weight <= backgroundMost(slots, used - background);
}

/** Whether live runs and backfills share this scope; the others are of one run or one backfill, or have one place. */
export function isShared(scope: string): boolean {
  return /^(pool|tag|task|pipeline):/.test(scope);
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
