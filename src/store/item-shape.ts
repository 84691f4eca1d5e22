import { itemPath } from "../core/map-path.ts";
import { isSensor, type NodeChange } from "../core/node-decision.ts";
import { recount } from "../core/recount.ts";
import { WATCHES } from "../core/sensors/sensor-wait.ts";
import { isFinished, type TaskRunState } from "../core/state.ts";
import { NO_UPSTREAM, type UpstreamCounts } from "../core/trigger-rule.ts";
import type { TaskRunRow } from "./rows.ts";
import type { WorkingSet } from "./working-set.ts";

/** How the task runs of one member of a map begin, the same for every item. */
export class ItemShape {
  readonly taskIndex: number;
  /** The state in which a new task run begins. */
  readonly begin: TaskRunState;
  /** A map within the map, whose items are known already. */
  readonly expandsAtOnce: boolean;
  readonly #member: TaskRunRow;
  readonly #counts: UpstreamCounts;
  readonly #change: Pick<NodeChange, "to" | "reason">;
  readonly #isMember: boolean;

  constructor(member: TaskRunRow, change: Pick<NodeChange, "counts" | "to" | "reason">, isMember: boolean) {
    const { to } = change;
    this.taskIndex = member.taskIndex;
    this.expandsAtOnce = to === "expand";
    this.begin = to === undefined || to === "expand" || to === "retry_group" ? "scheduled" : to;
    this.#member = member;
    this.#counts = change.counts;
    this.#change = change;
    this.#isMember = isMember;
  }

  /** A new task run. */
  rowAt({ key, path, label, now }: NewItemRun): TaskRunRow {
    const { runKey, laneId } = this.#member;
    const { total, success, failed, upstreamFailed, skipped, gates, shut } = this.#counts;
    return {
      ...{ key, runKey, taskIndex: this.taskIndex, mapKey: path, label, laneId, state: this.begin },
      ...{ generation: 1, attempt: 0, token: 0, lost: 0, decision: null, dueAt: null, startedAt: null, failure: null },
      ...{ total, success, failed, upstreamFailed, skipped, gates, shut },
      // Those of a mapped group have their turn by now, whenever they become ready.
      queuedAt: this.begin === "queued" || this.#isMember ? now : null,
      finishedAt: isFinished(this.begin) ? now : null,
      reason: this.#change.reason ?? null,
    };
  }

  /** What happens to one that has been cleared, and begins again. */
  changeAt(path: string): NodeChange {
    const { to, reason } = this.#change;
    return {
      ...{ index: this.taskIndex, path, counts: this.#counts, from: "scheduled" },
      ...(to === undefined ? {} : { to }),
      ...(reason === undefined ? {} : { reason }),
    };
  }
}

interface NewItemRun {
  readonly key: number;
  readonly path: string;
  readonly label: string | null;
  readonly now: number;
}

interface MapParts {
  readonly members: readonly TaskRunRow[];
  /** Members that ended before the map was expanded: one task run for all items. */
  readonly byHand: readonly TaskRunRow[];
}

const BEGINS = { to: "queued" } as const;
const BEGINS_TO_WATCH = { to: "deferred", reason: WATCHES } as const;

/** Decides once what holds for every item: within a map, task runs look at those of their own item alone. */
export function shapeOfItem(set: WorkingSet, header: TaskRunRow, { members, byHand }: MapParts): readonly ItemShape[] {
  const { spec, graph } = set.run(header.runKey).pipeline;
  if (members[0]?.key === header.key) {
    const start = isSensor(spec.tasks[header.taskIndex]) ? BEGINS_TO_WATCH : BEGINS;
    return [new ItemShape(header, { counts: NO_UPSTREAM, ...start }, false)];
  }
  const path = itemPath(header.mapKey, 0);
  const start = { index: header.taskIndex, path: header.mapKey, state: "success", decision: { mapped: 1 } } as const;
  const ended = byHand.map(({ taskIndex: index, mapKey, state }) => ({ index, path: mapKey, state, decision: null }));
  const rows = members.map(
    ({ taskIndex }) => ({ index: taskIndex, path, state: "scheduled", decision: null }) as const,
  );
  const changes = new Map(
    recount({ tasks: spec.tasks, graph }, [start, ...ended, ...rows]).map((change) => [change.index, change]),
  );
  return members.flatMap((member) => {
    const change = changes.get(member.taskIndex);
    return change === undefined ? [] : [new ItemShape(member, change, true)];
  });
}
