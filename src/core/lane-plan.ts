import type { LaneGrant, LanePlan, LaneView } from "./lane.ts";

/**
 * How many task runs to take from each lane. Higher priority first; among equals the lane served longest ago, one each
 * in turn, so that a lane with 10,000 waiting delays another by no more than one round. A lane whose task has a limit
 * of its own gives no more than the limit leaves.
 */
export function planClaims(lanes: readonly LaneView[], slots: number): LanePlan {
  const open = lanes.map((lane) => ({ lane, left: Math.min(lane.waiting, roomOf(lane)), granted: 0 }));
  let free = slots;
  for (const level of byPriority(open)) free = serveInTurn(level, free);
  return { grants: open.filter(({ granted }) => granted > 0).map(toGrant), held: open.flatMap(holdReason) };
}

interface OpenLane {
  readonly lane: LaneView;
  left: number;
  granted: number;
}

function roomOf({ key, running }: LaneView): number {
  return key.taskConcurrency === undefined ? Number.POSITIVE_INFINITY : Math.max(key.taskConcurrency - running, 0);
}

function byPriority(open: readonly OpenLane[]): readonly (readonly OpenLane[])[] {
  const levels = new Map<number, OpenLane[]>();
  for (const entry of open)
    levels.set(entry.lane.key.priority, [...(levels.get(entry.lane.key.priority) ?? []), entry]);
  return [...levels].sort(([one], [other]) => other - one).map(([, level]) => level);
}

function serveInTurn(level: readonly OpenLane[], slots: number): number {
  let free = slots;
  let waiting = [...level].sort((one, other) => one.lane.servedAt - other.lane.servedAt);
  while (free > 0) {
    waiting = waiting.filter(({ left }) => left > 0);
    if (waiting.length === 0) break;
    const share = Math.max(Math.floor(free / waiting.length), 1);
    for (const entry of waiting) {
      const count = Math.min(share, entry.left, free);
      entry.granted += count;
      entry.left -= count;
      free -= count;
    }
  }
  return free;
}

function toGrant({ lane, granted }: OpenLane): LaneGrant {
  return { laneId: lane.id, count: granted };
}

function holdReason({ lane, granted }: OpenLane): LanePlan["held"] {
  if (granted >= lane.waiting) return [];
  const reason = granted >= roomOf(lane) ? "task_concurrency" : "no_free_slot";
  return [{ laneId: lane.id, reason }];
}
