import type { ProcessUse } from "./messages.ts";
import type { PoolProcess } from "./pool-process.ts";

/** A process is replaced after this many orders: what leaks slowly in user code never adds up. */
const ORDERS_MAX = 10_000;
/** A process that holds more than this after an attempt is replaced … */
const RESIDENT_BYTES_MAX = 1024 * 1024 * 1024;
/** … and one that holds so many times what it held after its first, */
const GROWTH_MAX = 4;
/** once that is worth a new process. */
const GROWN_BYTES_MIN = 256 * 1024 * 1024;

/** Whether a process has served long enough, or holds on to too much. Remembers what it holds. */
export function isWorn(process: PoolProcess, { residentBytes }: ProcessUse): boolean {
  process.firstResidentBytes ??= residentBytes;
  process.residentBytes = residentBytes;
  if (process.ordersDone >= ORDERS_MAX || residentBytes > RESIDENT_BYTES_MAX) return true;
  return residentBytes > GROWN_BYTES_MIN && residentBytes > process.firstResidentBytes * GROWTH_MAX;
}

/** Whether what earlier attempts have left in a process would count against the limit of the next one. */
export function leavesNoRoom(process: PoolProcess, memoryLimitBytes: number | undefined): boolean {
  return memoryLimitBytes !== undefined && process.residentBytes > memoryLimitBytes / 2 && process.ordersDone > 0;
}
