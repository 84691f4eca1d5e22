import type { Json } from "../core/json.ts";
import { templateNames } from "../core/render-params.ts";
import type { SourceLocation } from "../core/source-location.ts";
import { EVENTS_MAX } from "../core/trigger/plan-firing.ts";
import { EVENT_SCOPE_NAMES } from "../core/trigger/run-of-events.ts";
import type { TriggerSource, TriggerSpec } from "../core/trigger/trigger-spec.ts";
import { definitionError } from "./call-site.ts";
import { checkOptionNames, describe, durationOf, locatedAt, textOf, wholeNumberOf } from "./option-values.ts";

/**
 * What starts runs of a pipeline when something happens: made by `onEvent`, `onFile` and `onPipeline`, given to its `on`.
 *
 * @example
 * const arrived: Trigger = onEvent("orders.arrived", { params: { file: "{{ event.path }}" } });
 */
export interface Trigger extends TriggerSpec {
  readonly batuta: "trigger";
}

/**
 * What may be said of every trigger. `debounce` waits until nothing has come for so long, `batch` starts at most one
 * run in so long; without either, each event has a run of its own.
 *
 * @example
 * const options: TriggerOptions = { name: "reload", batch: { every: "1m", max: 500 } };
 */
export interface TriggerOptions {
  /** Its own within the pipeline; when absent that of the event or pipeline, or `"files"`. */
  readonly name?: string;
  /** `"30s"`, or with the longest wait since the first event: `{ quiet: "30s", atMost: "10m" }`; ten times as long when absent. */
  readonly debounce?: string | number | { readonly quiet: string | number; readonly atMost?: string | number };
  /** `max` events in one run; more make several runs. 1,000 when absent. */
  readonly batch?: { readonly every: string | number; readonly max?: number };
  /** Parameters of its runs. Texts may name the event: `"{{ event.path }}"`, `"{{ event.key }}"`, `"{{ events }}"`. */
  readonly params?: { readonly [name: string]: Json };
}

export const TRIGGER_OPTION_NAMES = [
  "name",
  "debounce",
  "batch",
  "params",
] as const satisfies readonly (keyof TriggerOptions)[];

/** A trigger as the manifest has it, of what it listens to and what was said of it. */
export function makeTrigger(
  source: TriggerSource,
  options: TriggerOptions,
  { what, at, name }: { readonly what: string; readonly at: SourceLocation; readonly name: string },
): Trigger {
  const { debounce, batch, params = {} } = options;
  return Object.freeze({
    batuta: "trigger",
    name: options.name === undefined ? name : triggerName(options.name, what, at),
    location: at,
    source,
    ...(debounce === undefined ? {} : { debounce: readDebounce(debounce, what, at) }),
    ...(batch === undefined ? {} : { batch: readBatch(batch, what, at) }),
    ...readParams(params, what, at),
  });
}

function triggerName(given: unknown, what: string, at: SourceLocation): string {
  const name = textOf(given, `\`name\` of ${what}`, at);
  if (NAME.test(name)) return name;
  const hint = "Use letters, digits, _, ., / and -, beginning with a letter, at most 200 of them.";
  throw definitionError(`\`name\` of ${what} is ${describe(name)}.`, at, hint);
}

const NAME = /^[A-Za-z_][A-Za-z0-9_./-]{0,199}$/;

/** How often the quiet may begin anew, unless it is said. */
const WAIT_FACTOR = 10;

const AT_LEAST_MS = { min: 1 };

function readDebounce(given: unknown, what: string, at: SourceLocation): NonNullable<TriggerSpec["debounce"]> {
  const option = `\`debounce\` of ${what}`;
  if (typeof given !== "object" || given === null) {
    const quietMs = durationOf(given, option, at, AT_LEAST_MS);
    return { quietMs, maxWaitMs: quietMs * WAIT_FACTOR };
  }
  checkOptionNames<{ readonly quiet?: unknown; readonly atMost?: unknown }>(given, ["quiet", "atMost"], option, at);
  const quietMs = durationOf(given.quiet, `\`quiet\` of ${option}`, at, AT_LEAST_MS);
  if (given.atMost === undefined) return { quietMs, maxWaitMs: quietMs * WAIT_FACTOR };
  return { quietMs, maxWaitMs: durationOf(given.atMost, `\`atMost\` of ${option}`, at, { min: quietMs }) };
}

function readBatch(given: unknown, what: string, at: SourceLocation): NonNullable<TriggerSpec["batch"]> {
  const option = `\`batch\` of ${what}`;
  checkOptionNames<{ readonly every?: unknown; readonly max?: unknown }>(given, ["every", "max"], option, at);
  const everyMs = durationOf(given.every, `\`every\` of ${option}`, at, AT_LEAST_MS);
  const { max = EVENTS_MAX } = given;
  return { everyMs, max: wholeNumberOf(max, `\`max\` of ${option}`, at, { min: 1, max: EVENTS_MAX }) };
}

function readParams(given: unknown, what: string, at: SourceLocation): Pick<TriggerSpec, "params" | "hasTemplates"> {
  const option = `\`params\` of ${what}`;
  if (!isParams(given))
    throw definitionError(`${option} are ${describe(given)}.`, at, "Write an object of parameters.");
  const names = locatedAt(at, () => templateNames(given));
  const unknown = names.find((name) => !EVENT_SCOPE_NAMES.includes(name.split(".")[0] ?? ""));
  if (unknown === undefined) return { params: { ...given }, ...(names.length > 0 ? { hasTemplates: true } : {}) };
  const hint = `Names are: ${EVENT_SCOPE_NAMES.join(", ")}; of an event ${EXAMPLE_NAMES}.`;
  throw definitionError(`{{ ${unknown} }} in ${option} names nothing.`, at, hint);
}

const EXAMPLE_NAMES = "{{ event.id }}, {{ event.key }}, {{ event.at }} and what its data holds";

function isParams(given: unknown): given is { readonly [name: string]: Json } {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}
