import type { DataInterval, Instant } from "../instant.ts";
import { BatutaError } from "../problem.ts";
import { keptFrom, type LateTicks, lastKept } from "./kept-ticks.ts";
import { ENDED, type Planning, passes } from "./planning.ts";
import type { PlannedInterval, ScheduleState, TickGap, TickPlan } from "./schedule-state.ts";
import type { Ticks } from "./ticks.ts";

/** Ticks that one plan looks at: some milliseconds of work. */
const STEPS_MAX = 1_000;
/** Runs that one plan creates. */
const RUNS_MAX = 100;

export interface Walking extends Planning {
  readonly ticks: Ticks;
}

/** Decides the ticks that are due, one after the other from the mark on. */
export function planWalk(state: ScheduleState, walking: Walking): TickPlan {
  const { spec, origin, mark } = state;
  const { ticks, zone, bounds, now, jitterMs } = walking;
  const begin = bounds.firstInterval(ticks, origin);
  if (begin === undefined) return ENDED;
  const from = Math.max(mark ?? begin, begin);
  const upTo = Math.min(now - jitterMs - spec.graceMs, bounds.lastTick(ticks) ?? Number.POSITIVE_INFINITY);
  const late = { spec, ticks, zone, after: from, upTo };
  const walk = new Walk(state, walking, from, keptFrom(spec.catchUp, late));
  walk.passLate(late);
  return walk.toPlan();
}

/** One way from the mark on, as far as it is due and a plan may go. */
class Walk {
  readonly #state: ScheduleState;
  readonly #walking: Walking;
  /** Late ticks from here on make runs. */
  readonly #keptFrom: Instant;
  readonly #from: Instant;
  readonly #runs: PlannedInterval[] = [];
  readonly #gaps: TickGap[] = [];
  /** End of the last interval that is decided. */
  #at: Instant;

  constructor(state: ScheduleState, walking: Walking, from: Instant, kept: Instant) {
    this.#state = state;
    this.#walking = walking;
    this.#keptFrom = kept;
    this.#from = from;
    this.#at = from;
  }

  /** What is late may be passed at one go: as one run over all of it, or where all steps are equal. */
  passLate(late: LateTicks): void {
    const { spec } = this.#state;
    if (spec.catchUp === "coalesce") {
      const end = lastKept(late);
      if (end !== undefined) this.#make({ start: this.#from, end });
    } else if (spec.timing.kind === "every" && spec.filter === undefined) {
      const { ticks } = this.#walking;
      const to = Number.isFinite(this.#keptFrom) ? ticks.before(this.#keptFrom) : ticks.atOrBefore(late.upTo);
      if (this.#keptFrom === Number.NEGATIVE_INFINITY || to === undefined || to <= this.#from) return;
      const first = ticks.atOrBefore(this.#from) ?? this.#from;
      this.#leaveOut("missed", to, Math.round((to - first) / spec.timing.ms));
    }
  }

  toPlan(): TickPlan {
    const next = this.#toWhatIsNotDue();
    const decided = { runs: this.#runs, gaps: this.#gaps, ...(this.#at > this.#from ? { mark: this.#at } : {}) };
    return { ...decided, ...next };
  }

  #toWhatIsNotDue(): Pick<TickPlan, "nextAt" | "rest"> {
    const { ticks, bounds, now, jitterMs } = this.#walking;
    for (let steps = 0; steps < STEPS_MAX && this.#runs.length < RUNS_MAX; steps++) {
      const end = ticks.after(this.#at);
      if (end === undefined) return { rest: "ended" };
      const interval = { start: this.#at, end };
      if (bounds.isBeyond(interval)) return { rest: "ended" };
      if (end <= this.#at) throw notForward(this.#state, interval);
      if (end > now - jitterMs) return { nextAt: end + jitterMs };
      this.#decide(interval);
    }
    return { nextAt: now };
  }

  #decide(interval: DataInterval): void {
    const { spec } = this.#state;
    const { now, jitterMs, zone } = this.#walking;
    const { end } = interval;
    const isMissed = now - jitterMs - end >= spec.graceMs && end < this.#keptFrom;
    if (!passes(spec, zone, end)) this.#leaveOut("calendar", end, 1);
    else if (isMissed) this.#leaveOut("missed", end, 1);
    else this.#make(interval);
  }

  /** After a change of the schedule its first interval begins where the last one has ended, which is no tick (TI-6). */
  #make(interval: DataInterval): void {
    const { ticks } = this.#walking;
    const isPartial = interval.start === this.#from && ticks.atOrBefore(this.#from) !== this.#from;
    const isWide = (ticks.before(interval.end) ?? interval.start) > interval.start;
    this.#runs.push({
      interval,
      ...(isPartial && this.#state.mark !== undefined ? { isPartial } : {}),
      ...(isWide ? { isWide } : {}),
    });
    this.#at = interval.end;
  }

  #leaveOut(reason: TickGap["reason"], to: Instant, ticks: number): void {
    const last = this.#gaps.at(-1);
    const isSame = last?.to === this.#at && last.reason === reason;
    if (isSame) this.#gaps[this.#gaps.length - 1] = { ...last, to, ticks: last.ticks + ticks };
    else this.#gaps.push({ reason, from: this.#at, to, ticks });
    this.#at = to;
  }
}

function notForward({ spec, seed }: ScheduleState, { start, end }: DataInterval): BatutaError {
  return new BatutaError("internal", `Schedule ${seed} (${spec.timing.kind}) goes from ${start} back to ${end}.`);
}
