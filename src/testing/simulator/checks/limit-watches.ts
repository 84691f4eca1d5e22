import type { ProjectLimits } from "../../../core/task-scopes.ts";
import type { Commit } from "./commit.ts";
import { HandSetLimits } from "./hand-set-limits.ts";
import { KeyWatch } from "./key-watch.ts";
import { LimitWatch, type LimitWatchParts } from "./limit-watch.ts";
import { OrderWatch } from "./order-watch.ts";
import { type Blocker, PastWatch } from "./past-watch.ts";
import { PathWatch } from "./path-watch.ts";
import { PlaceWatch } from "./place-watch.ts";
import { RateWatch } from "./rate-watch.ts";
import { TaskShares } from "./task-shares.ts";
import type { Turn } from "./waiting-turns.ts";

export interface LimitWatchesParts extends Omit<LimitWatchParts, "shares" | "handSet"> {
  /** Queues that a session serves. */
  readonly queuesOf: (session: string) => readonly string[];
}

/** All that looks after a commit at what runs share: limits, rates, keys, places, the past. */
export class LimitWatches {
  readonly #handSet: HandSetLimits;
  readonly #past: PastWatch;
  readonly #watches: readonly { look(commit: Commit): void }[];

  constructor(limits: ProjectLimits, { queuesOf, ...parts }: LimitWatchesParts) {
    this.#handSet = new HandSetLimits(parts.db);
    const all = { ...parts, handSet: this.#handSet, shares: new TaskShares(limits) };
    this.#past = new PastWatch(all);
    const slots = new LimitWatch(all);
    const rates = new RateWatch(all);
    const hasRoomFor = (turn: Turn, at: number): boolean => slots.hasRoomFor(turn) && rates.hasRoomFor(turn, at);
    const order = new OrderWatch({ ...all, queuesOf, hasRoomFor });
    this.#watches = [slots, rates, order, new KeyWatch(all), new PlaceWatch(all), new PathWatch(all), this.#past];
  }

  look(commit: Commit): void {
    this.#handSet.look();
    for (const watch of this.#watches) watch.look(commit);
  }

  /** What holds up others until somebody mends it. */
  blockers(): readonly Blocker[] {
    return this.#past.blockers();
  }
}
