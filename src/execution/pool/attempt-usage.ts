import type { ResourceUsage } from "../../core/failure.ts";
import type { AttemptGuard } from "../attempt-guard.ts";
import { sumOf } from "../usage-sampler.ts";
import type { ProcessUse } from "./messages.ts";
import type { PoolProcess } from "./pool-process.ts";

/**
 * What an attempt used that has answered: the process measured itself; children it has waited for and those that still
 * run are added from the process table. Moves the marks on the process from which the next attempt counts.
 */
export function answeredUsage(process: PoolProcess, use: ProcessUse, guard: AttemptGuard): ResourceUsage {
  const totalMs = use.totalCpuUs / 1000;
  let cpuMs = use.cpuUs / 1000;
  if (use.spawned) {
    const childrenMs = Math.max(0, process.tree.leaderCpuMs() - totalMs);
    cpuMs += Math.max(0, childrenMs - process.childrenCpuBeforeMs) + sumOf(process.tree.others()).cpuMs;
    process.childrenCpuBeforeMs = Math.max(childrenMs, process.childrenCpuBeforeMs);
  }
  process.cpuBeforeMs = totalMs;
  return { cpuMs: round(cpuMs), peakMemoryBytes: Math.max(use.peakBytes, guard.sampledPeakBytes) };
}

/** What an attempt used whose process has ended: the last sample knows. */
export function endedUsage(process: PoolProcess, guard: AttemptGuard): ResourceUsage {
  const cpuMs = guard.sampledCpuMs - process.cpuBeforeMs - process.childrenCpuBeforeMs;
  return { cpuMs: round(Math.max(0, cpuMs)), peakMemoryBytes: guard.sampledPeakBytes };
}

/** Microseconds are what the system measures. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
