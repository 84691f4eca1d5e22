/** A line of `explain query plan`. */
export interface PlanStep {
  readonly parent: number;
  readonly detail: string;
}

/** What a plan of SQLite reads or sorts that grows with the history; nothing = its cost does not. */
export function planFaults(steps: readonly PlanStep[]): readonly string[] {
  return [...steps.filter(({ detail }) => SCAN.test(detail)), ...steps.filter((step) => sortsHistory(steps, step))].map(
    ({ detail, parent }) => `${detail} (${steps.find((first) => first.parent === parent)?.detail})`,
  );
}

/** What is read from end to end. Lists given as JSON may be, and what is open or awaited now. */
const SCAN =
  /^SCAN (?!json_each|wanted|below|found|part_\d|ended|CONSTANT ROW|\(subquery|\w+ USING (COVERING )?INDEX (session_open|child_run_awaited|run_unfinished)\b)/;

/** What is sorted comes from where the query begins to read; an index that ends with the key needs no sorting. */
function sortsHistory(steps: readonly PlanStep[], { parent, detail }: PlanStep): boolean {
  if (!detail.includes("USE TEMP B-TREE")) return false;
  const source = steps.find((step) => step.parent === parent && /^(SCAN|SEARCH)/.test(step.detail));
  return source === undefined || !FEW.some((few) => few.test(source.detail));
}

/** Rows by their keys, of one run, or of what is open now. */
const FEW = [
  /^SCAN /,
  /USING INTEGER PRIMARY KEY \(rowid=\?\)/,
  /\((id|run_key|task_run_key|scope_id|lane_id)=\?/,
  /\bINDEX (run_unfinished|run_unfinished_of_request|waiting_due|waiting_by_run|timer_due)\b/,
  /^SEARCH scope USING (COVERING )?INDEX sqlite_autoindex_scope_1 \(project=\? AND name=\?\)/,
];
