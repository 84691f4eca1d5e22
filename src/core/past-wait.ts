import { WATCHES } from "./sensors/sensor-wait.ts";

/** Why a task run is deferred that waits for itself in the run before (CC-6). */
export const WAITS_FOR_PAST = "past";

/** Whether a deferred task run waits within an attempt that it has begun: a sensor has none, what waits for the past not yet. */
export function waitsInAttempt({ state, reason }: { readonly state: string; readonly reason: string | null }): boolean {
  return state === "deferred" && reason !== WAITS_FOR_PAST && reason !== WATCHES;
}
