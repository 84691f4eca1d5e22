import type { NewSignal } from "../core/trigger/signal.ts";
import type { EmittedSignal } from "./signal-records.ts";

/** Events from outside, and what they start. */
export interface SignalStore {
  /** Keeps events for those who wait for them; throws `usage` when one of them cannot be kept, and then keeps none. */
  emit(signals: readonly NewSignal[]): Promise<readonly EmittedSignal[]>;
}
