import type { CompiledPipelines } from "./compiled-pipelines.ts";
import type { DeadLetterRecord } from "./operator-store.ts";
import { toDeadLetterRecord } from "./records.ts";
import type { DeadLetterRow } from "./rows.ts";
import type { Reader } from "./transaction.ts";

/** Letters with the names of their tasks, which their versions know. */
export async function namedLetters(
  rows: Reader,
  pipelines: CompiledPipelines,
  letters: readonly DeadLetterRow[],
): Promise<readonly DeadLetterRecord[]> {
  const named: DeadLetterRecord[] = [];
  for (const letter of letters) {
    const { spec } = await pipelines.get(rows, letter.versionHash, letter.pipeline);
    named.push(toDeadLetterRecord(letter, spec.tasks[letter.taskIndex]?.name ?? `task ${letter.taskIndex}`));
  }
  return named;
}
