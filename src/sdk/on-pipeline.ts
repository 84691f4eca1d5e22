import type { PipelineDefinition } from "../core/definition.ts";
import { checkName } from "../core/names.ts";
import type { SourceLocation } from "../core/source-location.ts";
import type { PipelineSource } from "../core/trigger/trigger-spec.ts";
import { callSite, definitionError } from "./call-site.ts";
import { checkOptionNames, describe } from "./option-values.ts";
import { makeTrigger, TRIGGER_OPTION_NAMES, type Trigger, type TriggerOptions } from "./trigger-options.ts";

/**
 * Which ends of runs of another pipeline start a run, and on what interval it works.
 *
 * @example
 * const options: OnPipelineOptions = { state: "failed", interval: "none" };
 */
export interface OnPipelineOptions extends TriggerOptions {
  /** `"success"` when absent; `"finished"` is any end. */
  readonly state?: PipelineSource["state"];
  /** `"same"`, when absent: the interval of the run that has ended; `"none"`: the moment of its end. */
  readonly interval?: PipelineSource["interval"];
}

/**
 * Starts a run when a run of another pipeline of the project has ended.
 *
 * @example
 * pipeline("report", { on: onPipeline("daily_sales", { state: "success" }) }, ({ task }) => {
 *   task("print", ({ ds }) => ds);
 * });
 */
export function onPipeline(other: string | PipelineDefinition, options: OnPipelineOptions = {}): Trigger {
  const at = callSite(onPipeline);
  const pipeline = typeof other === "string" ? other : other?.spec?.name;
  checkName("pipeline", pipeline, at);
  const what = `onPipeline("${pipeline}")`;
  checkOptionNames(options, [...TRIGGER_OPTION_NAMES, "state", "interval"], what, at);
  const state = oneOf(options.state ?? "success", STATES, { what: `\`state\` of ${what}`, at });
  const interval = oneOf(options.interval ?? "same", INTERVALS, { what: `\`interval\` of ${what}`, at });
  return makeTrigger({ kind: "pipeline", pipeline, state, interval }, options, { what, at, name: pipeline });
}

const STATES = ["success", "failed", "finished"] as const;
const INTERVALS = ["same", "none"] as const;

function oneOf<T extends string>(
  given: unknown,
  words: readonly T[],
  { what, at }: { readonly what: string; readonly at: SourceLocation },
): T {
  const word = words.find((known) => known === given);
  if (word !== undefined) return word;
  throw definitionError(
    `${what} is ${describe(given)}.`,
    at,
    `Write ${words.map((known) => `"${known}"`).join(" or ")}.`,
  );
}
