import type { EventBody } from "../../../store/event-body.ts";
import type { FoldedTask, RunFold } from "./run-fold.ts";
import { nameOf } from "./task-run-name.ts";

/** What one transaction has brought about, in the order of its events, with all runs as they are after it. */
export interface Commit extends Moves {
  /** By key, so the oldest first. */
  readonly folds: ReadonlyMap<number, RunFold>;
}

interface Moves {
  readonly taskMoves: readonly TaskMove[];
  readonly runMoves: readonly RunMove[];
}

/** An event, and the run it is of. */
export interface ToldEvent {
  /** On the database's clock. */
  readonly at: number;
  readonly runKey: number;
  readonly fold: RunFold;
  readonly event: EventBody;
}

/** One task run in another state. */
export interface TaskMove extends ToldEvent {
  readonly task: FoldedTask;
  readonly event: Extract<EventBody, { kind: "task_state" }>;
}

/** A run in another state. */
export interface RunMove extends ToldEvent {
  readonly event: Extract<EventBody, { kind: "run_state" }>;
}

export function movesOf(told: readonly ToldEvent[]): Moves {
  const taskMoves = told.flatMap(({ event, ...rest }) => {
    const task = event.kind === "task_state" ? rest.fold.tasks.get(nameOf(event)) : undefined;
    return event.kind === "task_state" && task !== undefined ? [{ ...rest, event, task }] : [];
  });
  const runMoves = told.flatMap(({ event, ...rest }) => (event.kind === "run_state" ? [{ ...rest, event }] : []));
  return { taskMoves, runMoves };
}
