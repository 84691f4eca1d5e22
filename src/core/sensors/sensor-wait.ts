/** Why a task run is deferred that is a sensor: a watcher looks again and again for what it waits for (WT-1). */
export const WATCHES = "sensor";

/** Why a sensor was skipped whose time was over, and that skips then. */
export const SENSOR_TIMEOUT = "sensor_timeout";

export function isWatching({ state, reason }: { readonly state: string; readonly reason: string | null }): boolean {
  return state === "deferred" && reason === WATCHES;
}
