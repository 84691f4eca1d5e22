import { type BackgroundUse, backgroundLeast, backgroundMost, isBackground } from "./background-share.ts";
import type { Instant } from "./instant.ts";
import { overflowing } from "./key-overflow.ts";
import type { Hold, LaneGrant, LanePlan, LaneView } from "./lane.ts";
import type { ScopeView } from "./scope.ts";
import { comesBefore, ScopeUse } from "./scope-use.ts";

/**
 * Says how many task runs to take from each lane of a project, and what holds the rest. Higher priority goes first; at
 * equal priority pipelines take turns, one task run each, beginning with the one served longest ago, and within a
 * pipeline its lanes take turns the same way (CC-2). `scopes` are all that the lanes name; one that is missing limits
 * nothing. Grants come in the order of service: the caller numbers `servedAt` by it. Lanes of backfills come after the
 * live ones, but for the share of slots that is theirs (BF-3); without `background` they have no share and no bound.
 */
export function planClaims(
  lanes: readonly LaneView[],
  scopes: readonly ScopeView[],
  { slots, now, background }: Claiming,
): LanePlan {
  const plan = new Plan({ scopes, now }, slots, background);
  const live = byPriority(lanes.filter((lane) => !isBackground(lane)));
  const behind = byPriority(lanes.filter(isBackground));
  plan.use.keepFor([...live, ...behind].flat());
  const least = background === undefined ? 0 : backgroundLeast(background.slots, lanes);
  for (const level of behind) plan.serve(level, least);
  for (const level of live) plan.serve(level);
  const most = plan.backgroundMost();
  for (const level of behind) plan.serve(level, most);
  const held = lanes
    .filter((lane) => plan.waitingOf(lane) > 0)
    .map((lane) => ({ lane, waiting: plan.waitingOf(lane), holds: plan.holds(lane) }));
  const nextAt = earliestFree(
    held.flatMap(({ holds }) => holds),
    now,
  );
  return {
    grants: plan.grants(),
    held: held.map(({ lane, holds }) => ({ laneId: lane.id, holds })),
    overflows: overflowing(held, scopes),
    ...(nextAt === undefined ? {} : { nextAt }),
  };
}

export interface Claiming {
  /** That are free. */
  readonly slots: number;
  readonly now: Instant;
  /** Of whoever claims for live runs and for backfills. */
  readonly background?: BackgroundUse;
}

/** Everything that holds a ready task run of this lane, whoever's slots are free: what a person is told. */
export function holdsOf(lane: LaneView, scopes: readonly ScopeView[], now: Instant): readonly Hold[] {
  return [...pause(lane), ...new ScopeUse(scopes, now).holds(lane, true)];
}

interface ScopesNow {
  readonly scopes: readonly ScopeView[];
  readonly now: Instant;
}

class Plan {
  readonly use: ScopeUse;
  #free: number;
  readonly #granted = new Map<number, number>();
  readonly #shared: BackgroundUse | undefined;
  #live: number;
  #background: number;

  constructor({ scopes, now }: ScopesNow, slots: number, shared: BackgroundUse | undefined) {
    this.use = new ScopeUse(scopes, now);
    this.#free = slots;
    this.#shared = shared;
    this.#live = shared?.live ?? 0;
    this.#background = shared?.background ?? 0;
  }

  /** Attempts of backfills, as many as live ones hold just now. */
  backgroundMost(): number {
    return this.#shared === undefined ? Number.POSITIVE_INFINITY : backgroundMost(this.#shared.slots, this.#live);
  }

  /**
   * Gives one slot at a time, pipeline after pipeline, until slots or what may start run out, or backfills have as many
   * as this.
   */
  serve(level: readonly LaneView[], backgroundMost = Number.POSITIVE_INFINITY): void {
    const turns = pipelinesInTurn(level).sort((one, other) => this.#grantedTo(one) - this.#grantedTo(other));
    const isOpen = (): boolean => this.#free > 0 && this.#background < backgroundMost;
    for (let isMoving = true; isMoving && isOpen(); ) {
      isMoving = false;
      for (const pipeline of turns) if (isOpen() && this.#serveNext(pipeline)) isMoving = true;
    }
  }

  grants(): readonly LaneGrant[] {
    return [...this.#granted].map(([laneId, count]) => ({ laneId, count }));
  }

  waitingOf(lane: LaneView): number {
    return lane.waiting - (this.#granted.get(lane.id) ?? 0);
  }

  holds(lane: LaneView): readonly Hold[] {
    const holds = [...pause(lane), ...this.use.holds(lane, !this.#granted.has(lane.id))];
    if (holds.length > 0) return holds;
    const leavesFree = isBackground(lane) && this.#free > 0 && this.#background >= this.backgroundMost();
    return [{ kind: leavesFree ? "background" : "no_free_slot" }];
  }

  /** Backfills are served twice: who had a turn the first time comes last the second time. */
  #grantedTo(pipeline: readonly LaneView[]): number {
    return pipeline.reduce((sum, { id }) => sum + (this.#granted.get(id) ?? 0), 0);
  }

  /** Serves the first lane that may, and puts it last. Lanes that cannot be served any more leave. */
  #serveNext(pipeline: LaneView[]): boolean {
    for (let place = 0; place < pipeline.length; ) {
      const lane = pipeline[place];
      if (lane === undefined) return false;
      const holds = this.waitingOf(lane) > 0 && !lane.paused ? this.use.holds(lane, !this.#granted.has(lane.id)) : GONE;
      if (holds.length === 0) {
        pipeline.push(...pipeline.splice(place, 1));
        this.#grant(lane);
        return true;
      }
      // What is kept for another may be let go once that one is served; nothing else frees a lane here.
      if (holds.some(({ kind }) => kind !== "kept")) pipeline.splice(place, 1);
      else place += 1;
    }
    return false;
  }

  #grant(lane: LaneView): void {
    this.#free -= 1;
    if (isBackground(lane)) this.#background += 1;
    else this.#live += 1;
    this.#granted.set(lane.id, (this.#granted.get(lane.id) ?? 0) + 1);
    this.use.take(lane);
  }
}

const GONE: readonly Hold[] = [{ kind: "no_free_slot" }];

function pause(lane: LaneView): readonly Hold[] {
  return lane.paused ? [{ kind: "paused" }] : [];
}

/**
 * Lanes of each pipeline, longest ago first. A pipeline was served when any of its lanes was, also one that is empty by
 * now: neither lanes that come ever anew nor those that go change its turn.
 */
function pipelinesInTurn(lanes: readonly LaneView[]): LaneView[][] {
  const pipelines = Map.groupBy([...lanes].sort(comesBefore), ({ key }) => JSON.stringify([key.project, key.pipeline]));
  return [...pipelines.values()].sort((one, other) => lastServed(one) - lastServed(other));
}

function lastServed(pipeline: readonly LaneView[]): number {
  const firstSeen = pipeline[0]?.servedAt ?? 0;
  return Math.max(...pipeline.map((lane) => lane.pipelineServedAt ?? firstSeen));
}

/** Highest first, and in each level in the order of their turns. */
function byPriority(lanes: readonly LaneView[]): readonly (readonly LaneView[])[] {
  const levels = Map.groupBy([...lanes].sort(comesBefore), ({ key }) => key.priority);
  return [...levels].sort(([one], [other]) => other - one).map(([, level]) => level);
}

/** When the first of these rates lets an attempt start again, or the first hours open. */
function earliestFree(holds: readonly Hold[], now: Instant): Instant | undefined {
  const times = holds.flatMap((hold) => freeAt(hold) ?? []);
  return times.length === 0 ? undefined : Math.max(Math.min(...times), now);
}

function freeAt(hold: Hold): Instant | undefined {
  if (hold.kind === "rate") return hold.freeAt;
  return hold.kind === "hours" ? hold.opensAt : undefined;
}
