import type { Json } from "../../core/json.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { defineSensor, type SensorContext, type SensorValue } from "../../sdk/define-sensor.ts";
import { describe } from "../../sdk/option-values.ts";
import type { SensorOptions } from "../../sdk/sensor-options.ts";
import type { TaskContext } from "../../sdk/task-context.ts";
import type { TaskKind } from "../../sdk/task-kind.ts";

/**
 * What a function that looks is told: the context of its task, and what the look before has asked to be told.
 *
 * @example
 * async function lookForParts({ ds, memory }: PollContext) {
 *   return (await parts(ds, memory)) ?? notYet();
 * }
 */
export type PollContext<Context extends TaskContext = TaskContext> = Context & Pick<SensorContext, "memory" | "now">;

/**
 * Waits for what a function of yours looks for. It looks once and answers at once, in a task process of the pipeline:
 * `notYet(…)`, `false`, `null` or nothing mean that it is not there yet; anything else is the value of the task, and
 * `true` ends the wait without one. What it throws is counted and tried again, `fatal()` fails the task, `skip()` skips it.
 *
 * @example
 * const parts = task("parts", poll(async ({ ds }) => {
 *   const found = await listParts(ds);
 *   return found.length < 5 ? notYet(`${found.length} of 5 parts`) : found;
 * }, { pollEvery: "30s", timeout: "6h" }));
 */
export function poll<R, Context extends TaskContext = TaskContext>(
  look: (context: PollContext<Context>) => R,
  options: SensorOptions = {},
): TaskKind<SensorValue<R>> {
  const at = callSite(poll);
  if (typeof look !== "function") {
    const hint = "Give it a function that looks once: poll(async ({ ds }) => …).";
    throw definitionError(`The function of poll(…) is ${describe(look)}.`, at, hint);
  }
  // The user has said which context it is; the compiler cannot know of it where `poll` is called.
  const check = (context: SensorContext<Json>): R => look(context as unknown as PollContext<Context>);
  return defineSensor<Json, R>({ name: "poll", check })(null, options, at);
}
