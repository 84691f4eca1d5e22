import { isRunFinished } from "../core/state.ts";
import type { RunFilter } from "./store.ts";

/** A condition of a query over runs: SQL with a `?` for its value, if it has one, which is always bound, never text. */
export interface RunCondition {
  readonly sql: string;
  readonly value?: string | readonly string[];
}

/** The conditions that a filter asks for. `isOneOf` is how the dialect compares with a list. */
export function runConditions(filter: RunFilter, isOneOf: string): readonly RunCondition[] {
  const conditions: RunCondition[] = [];
  if (filter.project !== undefined) conditions.push({ sql: "run.project = ?", value: filter.project });
  if (filter.pipeline !== undefined) conditions.push({ sql: "run.pipeline = ?", value: filter.pipeline });
  if (filter.requestKey !== undefined) conditions.push({ sql: "run.request_key = ?", value: filter.requestKey });
  if (filter.states !== undefined) {
    conditions.push({ sql: `run.state ${isOneOf}`, value: filter.states });
    // Says what follows from the states, for the index of the few runs that are not finished.
    if (!filter.states.some(isRunFinished)) conditions.push({ sql: "run.finished_at is null" });
  }
  if (filter.idPrefix !== undefined) {
    conditions.push({ sql: "run.id >= ?", value: filter.idPrefix });
    conditions.push({ sql: "run.id < ?", value: `${filter.idPrefix}${LAST_CHARACTER}` });
  }
  return conditions;
}

/** Sorts after every character of an id. */
const LAST_CHARACTER = "\u{10ffff}";
