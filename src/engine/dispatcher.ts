import type { ChildSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import type { AttemptOrder, AttemptReport, Executor } from "../execution/executor.ts";
import { type Clock, sleep } from "../ports/clock.ts";
import type {
  AttemptKey,
  Claim,
  ClaimRequest,
  Completion,
  ExchangeResult,
  RunId,
  SessionId,
  Store,
} from "../store/store.ts";
import type { AttemptOrders } from "./attempt-orders.ts";
import { cannotStart, completionResult, refusedByStore } from "./attempt-outcome.ts";
import type { AttemptHolder, AttemptStop } from "./canceller.ts";
import type { ChildRuns } from "./child-runs.ts";
import type { ClaimedWork } from "./claimed-work.ts";
import { type CachedReport, ResultCache } from "./result-cache.ts";
import type { Duty } from "./service.ts";

/** Completions that ride in one transaction. */
const COMPLETIONS_MAX = 200;
/** Claims in one transaction, however many slots are free. */
const CLAIMS_MAX = 200;
/** Latency that is never added, however slow the store. */
const GATHER_MS_MAX = 2;
/** The gate is held for one short transaction. */
const GATE_RETRY_MS = 2;
/** Between two looks at a store that could not say what a claimed task run needs. */
const ORDERS_RETRY_MS = 250;
/** A claim that is answered and prepared in this time is begun without asking whether it still stands. */
const FRESH_MS = 1_000;

export interface DispatcherScope {
  readonly session: SessionId;
  readonly work: ClaimedWork;
  /** How often to look for new work without a hint. */
  readonly pollMs: number;
  readonly clock: Clock;
}

/**
 * Keeps the executor's slots full: exchanges finished attempts for new ones, in one transaction, again and again.
 *
 * Owns: the attempts in hand, from their claim to the commit of their result.
 * Does not own: what becomes of a task run; the store's row says that, and an answer `stale` just drops the attempt.
 *
 * 1. An attempt is in hand from its claim until its completion is committed, and counts against the slots so long.
 * 2. Nothing is claimed after `drain`.
 * 3. What the store has claimed for it is in hand in the end, also when the answer was lost on its way.
 * 4. A result that the store refuses alone fails its own task and holds up no other.
 */
export class Dispatcher implements Duty, AttemptHolder {
  readonly name = "dispatcher";
  readonly #store: Pick<Store, "completeAndClaim" | "claimsOf" | "cacheEntry">;
  readonly #cache: ResultCache;
  readonly #executor: Executor;
  readonly #orders: AttemptOrders;
  readonly #children: ChildRuns;
  readonly #scope: DispatcherScope;
  readonly #clock: Clock;
  /** By task run and token: one that was taken from here may be claimed anew before its process has ended. */
  readonly #inHand = new Map<string, InHand>();
  #finished: Completion[] = [];
  #draining = false;
  /** The answer to a claim was lost: task runs may be claimed that are not in hand. */
  #claimsInDoubt = false;
  /** How long the last exchange took. */
  #exchangeMs = 0;
  /** Woken when there is something to exchange. */
  onWork: () => void = () => {};
  /** Told what every exchange brought about. */
  onExchange: (result: ExchangeResult) => void = () => {};

  constructor(
    store: Pick<Store, "completeAndClaim" | "claimsOf" | "cacheEntry">,
    executor: Executor,
    { orders, children }: { readonly orders: AttemptOrders; readonly children: ChildRuns },
    scope: DispatcherScope,
  ) {
    this.#store = store;
    this.#cache = new ResultCache(store, { execute: (order) => this.#start(order) });
    this.#executor = executor;
    this.#orders = orders;
    this.#children = children;
    this.#scope = scope;
    this.#clock = scope.clock;
  }

  async poll(): Promise<number> {
    if (this.#claimsInDoubt && !this.#draining) await this.#adoptClaims();
    await this.#gather();
    const completions = this.#finished.splice(0, COMPLETIONS_MAX);
    const claim = this.#claimRequest(completions.length);
    if (completions.length === 0 && claim === undefined) return this.#scope.pollMs;
    const startedAt = this.#clock.mono();
    const result = await this.#exchangeSafely(completions, claim);
    this.#exchangeMs = this.#clock.mono() - startedAt;
    for (const completion of completions) this.#inHand.delete(nameOf(completion));
    this.#begin(result.claims, startedAt);
    this.onExchange(result);
    if (this.#finished.length > 0) return 0;
    return result.gateMissed ? GATE_RETRY_MS : Math.min(result.nextClaimInMs ?? this.#scope.pollMs, this.#scope.pollMs);
  }

  inHand(): readonly AttemptKey[] {
    return [...this.#inHand.values()].map(({ claim }) => claim);
  }

  /** Asks these attempts to stop; their reports then say `cancelled`. */
  stop(stops: readonly AttemptStop[]): void {
    for (const stop of stops) {
      const attempt = this.#inHand.get(nameOf(stop));
      const { now } = stop;
      if (attempt === undefined || attempt.stop?.now === now || attempt.stop?.now === true) continue;
      attempt.stop = { now };
      if (attempt.order !== undefined) this.#executor.stop(attempt.order, { now });
    }
  }

  /** Commits what has been reported. Only after `drain`, and when the executor has reported everything. */
  async settle(): Promise<void> {
    while (this.#finished.length > 0) await this.poll();
  }

  /** Claims nothing any more; what is cut off from now on counts as lost, so that another takes it up at once. */
  drain(): void {
    this.#draining = true;
  }

  /**
   * Waits a moment for attempts that are about to end, so that they ride in the same transaction: no longer than half
   * of what the last one cost, and not at all when nothing else is in hand.
   */
  async #gather(): Promise<void> {
    const until = this.#clock.mono() + Math.min(this.#exchangeMs / 2, GATHER_MS_MAX);
    while (this.#finished.length > 0 && this.#finished.length < this.#inHand.size && this.#clock.mono() < until) {
      await new Promise<void>((resolve) => this.#clock.soon(resolve));
    }
  }

  /** Takes in hand what was claimed without that the answer came: nobody else would ever run it. */
  async #adoptClaims(): Promise<void> {
    const askedAt = this.#clock.mono();
    const claims = await this.#store.claimsOf(this.#scope.session);
    this.#claimsInDoubt = false;
    this.#begin(
      claims.filter((claim) => !this.#inHand.has(nameOf(claim))),
      askedAt,
    );
  }

  #claimRequest(completing: number): ClaimRequest | undefined {
    const free = this.#executor.slots - this.#inHand.size + completing;
    if (this.#draining || free <= 0) return undefined;
    const { session, work } = this.#scope;
    const { queues, runs } = work;
    const slots = { slots: Math.min(free, CLAIMS_MAX), capacity: this.#executor.slots };
    return { session, ...slots, queues, ...(runs === undefined ? {} : { runs }) };
  }

  async #exchangeSafely(completions: readonly Completion[], claim: ClaimRequest | undefined): Promise<ExchangeResult> {
    try {
      return await this.#exchange(completions, claim);
    } catch (error) {
      if (claim !== undefined) this.#claimsInDoubt = true;
      // Results that were taken all the same are answered `stale` the next time.
      this.#finished.unshift(...completions);
      throw error;
    }
  }

  async #exchange(completions: readonly Completion[], claim: ClaimRequest | undefined): Promise<ExchangeResult> {
    try {
      return await this.#store.completeAndClaim(completions, claim);
    } catch (error) {
      if (completions.length === 0 || isOutage(error)) throw error;
      await this.#isolate(completions, error);
      return { completions: [], claims: [], finishedRuns: [], gateMissed: true };
    }
  }

  /** Halves a refused batch until the refused result stands alone, and replaces that one by a failure. */
  async #isolate(completions: readonly Completion[], cause: unknown): Promise<void> {
    const [first] = completions;
    if (completions.length === 1 && first !== undefined) {
      this.onExchange(await this.#store.completeAndClaim([{ ...first, result: refusedByStore(cause) }], undefined));
      return;
    }
    const middle = Math.ceil(completions.length / 2);
    for (const half of [completions.slice(0, middle), completions.slice(middle)]) {
      try {
        this.onExchange(await this.#store.completeAndClaim(half, undefined));
      } catch (error) {
        if (isOutage(error)) throw error;
        await this.#isolate(half, error);
      }
    }
  }

  /** @param askedAt when the claims were asked for, on the monotonic clock: they may have been ours since then */
  #begin(claims: readonly Claim[], askedAt: number): void {
    const byRun = new Map<RunId, Claim[]>();
    for (const claim of claims) {
      this.#inHand.set(nameOf(claim), { claim, order: undefined, stop: undefined });
      const ofRun = byRun.get(claim.runId);
      if (ofRun === undefined) byRun.set(claim.runId, [claim]);
      else ofRun.push(claim);
    }
    for (const [runId, ofRun] of byRun) void this.#executeRun(runId, ofRun, askedAt);
  }

  async #executeRun(runId: RunId, claims: readonly Claim[], askedAt: number): Promise<void> {
    try {
      const { orders, isHeld } = await this.#ordersOf(runId, claims, askedAt);
      for (const [index, order] of orders.entries()) {
        const claim = claims[index];
        if (claim === undefined) continue;
        if (!isHeld(claim)) {
          this.#inHand.delete(nameOf(claim));
          continue;
        }
        if (order instanceof BatutaError) this.#finish({ claim, result: cannotStart(order) });
        else this.#execute(claim, order);
      }
    } catch (error) {
      for (const claim of claims) this.#finish({ claim, result: cannotStart(error) });
    }
  }

  /** An outage says nothing about the task: it is waited for, with the attempts in hand. */
  async #ordersOf(runId: RunId, claims: readonly Claim[], askedAt: number): Promise<Orders> {
    for (;;) {
      try {
        const orders = await this.#orders.ofRun(runId, claims);
        return { orders, isHeld: await this.#heldSince(askedAt) };
      } catch (error) {
        if (!isOutage(error)) throw error;
      }
      await sleep(this.#clock, ORDERS_RETRY_MS);
    }
  }

  /** What was claimed long ago may have been taken away meanwhile, and may run elsewhere by now. */
  async #heldSince(askedAt: number): Promise<Orders["isHeld"]> {
    if (this.#clock.mono() - askedAt <= FRESH_MS) return () => true;
    const held = new Set((await this.#store.claimsOf(this.#scope.session)).map(nameOf));
    return (claim) => held.has(nameOf(claim));
  }

  #execute(claim: Claim, order: AttemptOrder): void {
    const attempt = this.#inHand.get(nameOf(claim));
    if (attempt === undefined) return;
    attempt.order = order;
    const { cache: spec, execution } = order.task;
    if (execution.via === "pipeline") {
      void this.#startChild(claim, order, execution);
      return;
    }
    const executed: Promise<CachedReport> =
      spec === undefined ? this.#start(order).then((report) => ({ report })) : this.#cache.execute(order, spec);
    void executed.then(({ report, cache }) => {
      const result = this.#lostWhenDraining(completionResult(order, claim, report));
      const { usage } = report;
      this.#finish({
        claim,
        result,
        ...(usage === undefined ? {} : { usage }),
        ...(cache === undefined ? {} : { cache }),
      });
    });
  }

  /** Starts an attempt, and stops it at once when that was asked for before there was anything to stop. */
  #start(order: AttemptOrder): Promise<AttemptReport> {
    const report = this.#executor.execute(order);
    const stop = this.#inHand.get(nameOf(order))?.stop;
    if (stop !== undefined) this.#executor.stop(order, stop);
    return report;
  }

  async #startChild(claim: Claim, order: AttemptOrder, spec: ChildSpec): Promise<void> {
    const answer = order.askFirst ? await this.#start({ ...order, askOnly: true }) : undefined;
    if (answer !== undefined && answer.result.kind !== "asked") {
      this.#finish({ claim, result: this.#lostWhenDraining(completionResult(order, claim, answer)) });
      return;
    }
    const { outcome, queues } = await this.#children.start(order, spec);
    if (outcome.child !== undefined) this.#scope.work.include(outcome.child.id, queues);
    this.#finish({ claim, ...outcome });
  }

  #lostWhenDraining(result: Completion["result"]): Completion["result"] {
    if (!this.#draining || result.kind !== "cancelled") return result;
    return { kind: "lost", failure: { reason: "lost", message: "The engine that ran this attempt was shut down." } };
  }

  #finish({
    claim,
    ...outcome
  }: { readonly claim: Claim } & Pick<Completion, "result" | "usage" | "cache" | "child">): void {
    const { taskRunKey, token } = claim;
    this.#finished.push({ session: this.#scope.session, taskRunKey, token, ...outcome });
    this.onWork();
  }
}

interface Orders {
  readonly orders: readonly (AttemptOrder | BatutaError)[];
  /** Whether a claim is still this session's. */
  readonly isHeld: (claim: Claim) => boolean;
}

interface InHand {
  readonly claim: Claim;
  /** Absent until the order is written. */
  order: AttemptOrder | undefined;
  /** It was asked to stop. */
  stop: { readonly now: boolean } | undefined;
}

function nameOf({ taskRunKey, token }: AttemptKey): string {
  return `${taskRunKey}.${token}`;
}

/** The store could not be asked at all: the same batch is worth another try. */
function isOutage(error: unknown): boolean {
  return error instanceof BatutaError && (error.code === "store_unreachable" || error.code === "disk_full");
}
