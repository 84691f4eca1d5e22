import type { StoredValue } from "../core/value.ts";
import { toStoredValue } from "./records.ts";
import type { Reader } from "./transaction.ts";

/** Reads no more at once than `bytesMax`, however many are asked for; whoever wants more asks again for the rest. */
export async function valuesOf(
  rows: Reader,
  taskRunKeys: readonly number[],
  bytesMax: number,
): Promise<readonly (StoredValue | undefined)[]> {
  const sizes = new Map((await rows.outputSizes(taskRunKeys)).map(({ taskRunKey, bytes }) => [taskRunKey, bytes]));
  const fitting = taskRunKeys.slice(0, countThatFits(taskRunKeys, sizes, bytesMax));
  const found = await rows.outputsOf(fitting.filter((key) => sizes.has(key)));
  const values = new Map(found.map((row) => [row.taskRunKey, toStoredValue(row)]));
  return fitting.map((key) => values.get(key));
}

function countThatFits(keys: readonly number[], sizes: ReadonlyMap<number, number>, bytesMax: number): number {
  let bytes = 0;
  for (const [count, key] of keys.entries()) {
    bytes += sizes.get(key) ?? 0;
    if (bytes > bytesMax && count > 0) return count;
  }
  return keys.length;
}
