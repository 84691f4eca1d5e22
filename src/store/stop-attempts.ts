import { outranks, type StopRequest } from "../core/stop-request.ts";
import type { CompletionResult } from "./store.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** The stop that stands with a lease. */
export function standingStop({ stop }: { readonly stop: string | null }): StopRequest | undefined {
  return stop === null ? undefined : (JSON.parse(stop) as StopRequest);
}

/** Asks running attempts to stop; where as strong a wish stands already it stays. Gives those that are asked now. */
export async function requestStops(
  tx: Transaction,
  set: WorkingSet,
  taskRunKeys: readonly number[],
  stop: StopRequest,
): Promise<readonly number[]> {
  if (taskRunKeys.length === 0) return [];
  const leases = await tx.leases(taskRunKeys);
  const asked = leases.filter((lease) => outranks(stop, standingStop(lease))).map(({ taskRunKey }) => taskRunKey);
  for (const key of asked) set.requestStop(key, stop);
  return asked;
}

/** What a report counts as where a stop was asked for: what had truly ended before stands, all else ends by the stop. */
export function resultAfterStop(result: CompletionResult, stop: StopRequest | undefined): CompletionResult {
  if (stop === undefined || result.kind === "success" || result.kind === "skipped") return result;
  const { kind, message } = stop;
  return kind === "timeout"
    ? { kind: "failed", failure: { reason: "timeout", message } }
    : { kind: "cancelled", failure: { reason: "cancelled", message } };
}
