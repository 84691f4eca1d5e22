import type { TaskContext as CoreTaskContext } from "../core/task-context.ts";
import type { CursorContext } from "./cursor-option.ts";
import type { ItemContext } from "./map-options.ts";

/**
 * The single argument of a task function: its inputs, the run's parameters and data interval, a log, an `AbortSignal`.
 * It is a plain object, so a unit test may build one by hand and call the task with it.
 *
 * @example
 * async function extract({ ds, log, signal }: TaskContext) {
 *   log.info("fetching", { ds });
 *   return (await fetch(`https://api.example.com/orders?day=${ds}`, { signal })).json();
 * }
 */
export interface TaskContext<Input = unknown, Params = unknown>
  extends Omit<CoreTaskContext<Input, Params>, "signal" | keyof ItemContext | keyof CursorContext> {
  /** Aborted on time-out and cancel, before the process is killed. */
  readonly signal: AbortSignal;
}
