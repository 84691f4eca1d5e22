import { isRunFinished, RUN_STATES, type RunState } from "../core/state.ts";
import type { RunFilter } from "./store.ts";

/** A question for keys of runs: SQL with a `?` for each of its values, which are always bound, never text. */
export interface RunKeyQuestion {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/**
 * The newest runs of a filter. Each state is asked for on its own, for as many runs as are wanted in all: an index gives
 * those of one state newest first, while those of several would be read to the last one and sorted.
 */
export function newestRuns({ states: asked, ...filter }: RunFilter): RunKeyQuestion {
  // Runs of a backfill are found by their state alone.
  const states = asked ?? (filter.madeByBackfill === undefined ? undefined : RUN_STATES);
  if (states === undefined) return newestOf(filter);
  const parts = [...new Set(states)].map((state) => newestOf(filter, state));
  const [first] = parts;
  if (first === undefined) return { sql: "select 0 as key where 1 = 0", values: [] };
  if (parts.length === 1) return first;
  const all = parts.map(({ sql }, place) => `select key from (${sql}) as part_${place}`).join(" union all ");
  return {
    sql: `select key from (${all}) as found order by key desc limit ?`,
    values: [...parts.flatMap(({ values }) => values), filter.limit],
  };
}

function newestOf(filter: Omit<RunFilter, "states">, state?: RunState): RunKeyQuestion {
  const conditions = [...conditionsOf(filter), ...(state === undefined ? [] : ofState(state))];
  const where = conditions.length === 0 ? "" : `where ${conditions.map(({ sql }) => sql).join(" and ")}`;
  // The beginning of an id says when the run was created, so the order is the same, and an index has it.
  const order = filter.idPrefix === undefined ? "key" : "id";
  return {
    sql: `select key from run ${where} order by ${order} desc limit ?`,
    values: [...conditions.flatMap(({ values }) => values), filter.limit],
  };
}

function conditionsOf(filter: Omit<RunFilter, "states">) {
  const { project, pipeline, requestKey, idPrefix, madeByBackfill } = filter;
  const isNarrow = idPrefix !== undefined || madeByBackfill !== undefined;
  return [
    // These say more than the project, whose index would give all of its runs: the expression hides it.
    ...given(isNarrow ? "project || '' = ?" : "project = ?", project),
    ...given("made_by_backfill = ?", madeByBackfill),
    ...given("pipeline = ?", pipeline),
    ...given("finished_at is null and request_key = ?", requestKey),
    ...(idPrefix === undefined
      ? []
      : [{ sql: "id >= ? and id < ?", values: [idPrefix, `${idPrefix}${LAST_CHARACTER}`] }]),
  ];
}

function given(sql: string, value: string | number | undefined): readonly RunKeyQuestion[] {
  return value === undefined ? [] : [{ sql, values: [value] }];
}

/** Says what follows from the state, for the indexes that have the finished runs alone, or the others. */
function ofState(state: RunState): readonly RunKeyQuestion[] {
  return [{ sql: `state = ? and finished_at is ${isRunFinished(state) ? "not null" : "null"}`, values: [state] }];
}

/** Sorts after every character of an id. */
const LAST_CHARACTER = "\u{10ffff}";
