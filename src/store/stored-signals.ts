import type { NewSignal } from "../core/trigger/signal.ts";
import { checkSignals, emit } from "./emit.ts";
import type { EmittedSignal } from "./signal-records.ts";
import type { SignalStore } from "./signal-store.ts";
import { StoredSchedules } from "./stored-schedules.ts";

/** Events from outside, and what they start. */
export abstract class StoredSignals extends StoredSchedules implements SignalStore {
  async emit(signals: readonly NewSignal[]): Promise<readonly EmittedSignal[]> {
    const checked = checkSignals(signals);
    return this.database.write((tx) => emit(tx, checked));
  }
}
