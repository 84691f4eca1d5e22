import { isBackground, leavesEnough } from "./background-share.ts";
import type { Instant } from "./instant.ts";
import type { Hold, LaneView } from "./lane.ts";
import { hoursOfScope, isOpen, opensAt } from "./open-hours.ts";
import type { ScopeShare, ScopeView } from "./scope.ts";

/** How much of each scope is taken, while a plan hands out what is left. */
export class ScopeUse {
  readonly #scopes = new Map<string, ScopeInUse>();

  constructor(scopes: readonly ScopeView[], now: Instant) {
    for (const view of scopes) {
      const closed = closedHours(view.name, now);
      const { used, background } = view;
      this.#scopes.set(view.name, { view, used, background, started: view.rate?.started ?? 0, ...closed });
    }
  }

  /**
   * Lets a lane that needs several slots of a scope have them when its turn has come. Else lanes that need one would
   * take each slot as it becomes free, and it would never start. Only if it waits for nothing else, so that a full scope
   * never holds up another one. Lanes come in the order of their turns.
   */
  keepFor(lanes: readonly LaneView[]): void {
    for (const lane of lanes) {
      const { scopes } = lane.key;
      if (lane.waiting === 0 || lane.paused || scopes.every(({ weight }) => weight === 1)) continue;
      const others = scopes.filter((share) => !this.#isWanted(share));
      if (this.#lack(others, lane).length > 0) continue;
      for (const share of scopes) {
        const scope = this.#scopes.get(share.name);
        if (scope !== undefined && this.#isWanted(share)) scope.keeper ??= lane;
      }
    }
  }

  /** All that keeps one more task run of this lane from starting; none = it may. `isNext`: it was not served yet. */
  holds(lane: LaneView, isNext: boolean): readonly Hold[] {
    const lack = this.#lack(lane.key.scopes, lane);
    return lack.length > 0 ? lack : lane.key.scopes.flatMap(({ name }) => this.#kept(name, lane, isNext));
  }

  take(lane: LaneView): void {
    for (const { name, weight } of lane.key.scopes) {
      const scope = this.#scopes.get(name);
      if (scope === undefined) continue;
      scope.used += weight;
      if (isBackground(lane) && scope.background !== undefined) scope.background += weight;
      scope.started += 1;
      if (scope.keeper?.id === lane.id) scope.keeper = undefined;
    }
  }

  #lack(shares: readonly ScopeShare[], lane: LaneView): readonly Hold[] {
    return shares.flatMap(({ name, weight }): readonly Hold[] => {
      const scope = this.#scopes.get(name);
      if (scope === undefined) return [];
      const { view, used, started, closed } = scope;
      if (closed !== undefined) return [closed];
      if (view.rate !== undefined && started >= view.rate.limit) {
        const { limit, perMs, freeAt } = view.rate;
        return [{ kind: "rate", scope: name, limit, perMs, ...(freeAt === undefined ? {} : { freeAt }) }];
      }
      if (view.slots !== undefined && used + weight > view.slots) {
        return [{ kind: "slots", scope: name, slots: view.slots, used, weight }];
      }
      if (isBackground(lane) && !leavesEnough(view, scope, weight)) return [{ kind: "background", scope: name }];
      return [];
    });
  }

  #kept(name: string, lane: LaneView, isNext: boolean): readonly Hold[] {
    const keeper = this.#scopes.get(name)?.keeper;
    if (keeper === undefined || keeper.id === lane.id) return [];
    const above = levelOf(lane) - levelOf(keeper) || lane.key.priority - keeper.key.priority;
    const isBefore = above > 0 || (isNext && above === 0 && comesBefore(lane, keeper) < 0);
    return isBefore ? [] : [{ kind: "kept", scope: name }];
  }

  /** Several slots are needed, and the scope can have so many. */
  #isWanted({ name, weight }: ScopeShare): boolean {
    const slots = this.#scopes.get(name)?.view.slots;
    return weight > 1 && slots !== undefined && weight <= slots;
  }
}

/** Live lanes stand above those of backfills, whatever their priority. */
function levelOf(lane: LaneView): number {
  return isBackground(lane) ? 0 : 1;
}

function closedHours(scope: string, now: Instant): { readonly closed?: Hold } {
  const hours = hoursOfScope(scope);
  if (hours === undefined || isOpen(hours, now)) return {};
  const at = opensAt(hours, now);
  return { closed: { kind: "hours", scope, ...(at === undefined ? {} : { opensAt: at }) } };
}

/** Longest not served first. */
export function comesBefore(one: LaneView, other: LaneView): number {
  return one.servedAt - other.servedAt || one.id - other.id;
}

interface ScopeInUse {
  readonly view: ScopeView;
  used: number;
  /** What backfills hold of it, where they share it with live runs. */
  background: number | undefined;
  started: number;
  readonly closed?: Hold;
  /** The lane that has the next slots. */
  keeper?: LaneView | undefined;
}
