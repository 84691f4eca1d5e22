import type { PipelineSpec } from "../../../core/manifest.ts";
import type { RunDecision } from "../../../core/run-decision.ts";
import { recountUpstream } from "../../../store/conformance/upstream-recount.ts";
import { toTaskRunRecord } from "../../../store/records.ts";
import type { TaskRunRow } from "../../../store/rows.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import { selectTaskRunsOfRun } from "../../../store/sqlite/task-run-rows.ts";
import type { TaskRunRecord } from "../../../store/store.ts";
import { ruleVerdict, type Verdict } from "../reference/rule-verdict.ts";
import { nameOf } from "./task-run-name.ts";

/** A task run as its row says, and what its upstream and gates say of it, recounted from all rows. */
export interface JudgedRow {
  readonly row: TaskRunRecord;
  readonly counts: TaskRunRecord["upstream"];
  readonly verdict: Verdict;
  readonly decision: RunDecision | null;
}

/** The rows of a run, by task and path; those that count for nobody at the moment are without a verdict. */
export function rowsOfRun(
  db: SqliteConnection,
  fold: { readonly id: string; readonly spec: PipelineSpec },
): { readonly rows: readonly TaskRunRecord[]; readonly judged: ReadonlyMap<string, JudgedRow> } {
  const rows = Array.from(selectTaskRunsOfRun(db, fold.id, {}), (row: TaskRunRow) => toTaskRunRecord(row, fold.id));
  const judged = new Map<string, JudgedRow>();
  for (const { row, counts } of recountUpstream(rows, fold.spec)) {
    const when = fold.spec.tasks[row.taskIndex]?.when ?? "all_success";
    const verdict = verdictOf(when, counts);
    judged.set(nameOf(row), { row, counts, verdict, decision: row.decision ?? null });
  }
  return { rows, judged };
}

/** Gates come first: all of them are heard, and the worst says what becomes of it. */
function verdictOf(when: Parameters<typeof ruleVerdict>[0], counts: TaskRunRecord["upstream"]): Verdict {
  if (counts.gates > 0) return "wait";
  if (counts.shut !== null) return counts.shut.startsWith("skip") ? "skip" : "upstream_failed";
  return ruleVerdict(when, statesOf(counts));
}

export function statesOf({
  total,
  success,
  failed,
  upstreamFailed,
  skipped,
}: TaskRunRecord["upstream"]): readonly string[] {
  const open = total - success - failed - upstreamFailed - skipped;
  return [
    ...several(success, "success"),
    ...several(failed, "failed"),
    ...several(upstreamFailed, "upstream_failed"),
    ...several(skipped, "skipped"),
    ...several(open, "open"),
  ];
}

function several(count: number, state: string): readonly string[] {
  return Array.from({ length: Math.max(count, 0) }, () => state);
}
