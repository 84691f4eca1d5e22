import type { DeadLetterFilter } from "./operator-store.ts";

/** A condition of a query over dead letters: SQL with a `?` for its value, which is always bound, never text. */
export interface DeadLetterCondition {
  readonly sql: string;
  readonly value: string | number;
}

export function deadLetterConditions(filter: DeadLetterFilter): readonly DeadLetterCondition[] {
  const { project, pipeline, state, assignedTo, before } = filter;
  return [
    { sql: "letter.project = ?", value: project },
    ...given("letter.pipeline = ?", pipeline),
    ...given("letter.state = ?", state),
    ...given("letter.assigned_to = ?", assignedTo),
    ...given("letter.key < ?", before),
  ];
}

function given(sql: string, value: string | number | undefined): readonly DeadLetterCondition[] {
  return value === undefined ? [] : [{ sql, value }];
}
