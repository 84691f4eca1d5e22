import type { Instant } from "../instant.ts";
import type { TriggerSpec } from "./trigger-spec.ts";

/** What waits for a trigger: events that match, in the order of their commits. */
export interface PendingEvents {
  readonly count: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  /** There are more than one firing may take. */
  readonly isFull: boolean;
}

export type Firing = { readonly kind: "fire" } | { readonly kind: "wait"; readonly until: Instant };

/** Whether a trigger fires now. `openAt`: before that its batch allows no other run. */
export function planFiring(
  { debounce }: Pick<TriggerSpec, "debounce">,
  { firstAt, lastAt, isFull }: PendingEvents,
  { openAt, now }: { readonly openAt: Instant; readonly now: Instant },
): Firing {
  const quietAt =
    debounce === undefined || isFull ? now : Math.min(lastAt + debounce.quietMs, firstAt + debounce.maxWaitMs);
  const until = Math.max(openAt, quietAt);
  return until <= now ? { kind: "fire" } : { kind: "wait", until };
}

/** From when on it may fire again. What was too much for one run follows at once. */
export function openAfter({ batch }: Pick<TriggerSpec, "batch">, isFull: boolean, now: Instant): Instant {
  return batch === undefined || isFull ? now : now + batch.everyMs;
}

/** Without either, each event has a run of its own. */
export function isGathering({ debounce, batch }: Pick<TriggerSpec, "debounce" | "batch">): boolean {
  return debounce !== undefined || batch !== undefined;
}

/** Events that one run may take, so that its context stays small. */
export const EVENTS_MAX = 1_000;
export const EVENT_BYTES_MAX = 8 * 1024 * 1024;

export function eventsMax({ batch }: Pick<TriggerSpec, "batch">): number {
  return batch?.max ?? EVENTS_MAX;
}
