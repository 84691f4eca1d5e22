import { checkedPayload, type NewSignal } from "../core/trigger/signal.ts";
import type { EmittedSignal } from "./signal-records.ts";
import type { SignalInsert } from "./signal-rows.ts";
import type { Transaction } from "./transaction.ts";

/** An event as it will be kept, but for the moment at which it comes. */
interface CheckedSignal {
  readonly signal: NewSignal;
  readonly payload: string;
}

/** Throws `usage` on what no store keeps. */
export function checkSignals(signals: readonly NewSignal[]): readonly CheckedSignal[] {
  return signals.map((signal) => ({ signal, payload: checkedPayload(signal) }));
}

/** Keeps events, and deletes some of those whose time is over: more than come, so that they do not pile up. */
export async function emit(tx: Transaction, checked: readonly CheckedSignal[]): Promise<readonly EmittedSignal[]> {
  const numbers = await tx.signals.insert(checked.map((one) => rowOf(one, tx.now)));
  await tx.signals.deleteExpired(checked.length + EXPIRED_BESIDES);
  return checked.map(({ signal: { name, id } }, index) => ({ name, id, isNew: numbers[index] !== undefined }));
}

const EXPIRED_BESIDES = 10;

function rowOf({ signal, payload }: CheckedSignal, now: number): SignalInsert {
  const { project, name, id, key, ttlMs } = signal;
  return { project, name, id, key: key ?? null, payload, expiresAt: now + ttlMs };
}
