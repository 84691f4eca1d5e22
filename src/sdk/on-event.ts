import { EVENT_NAME_HINT, eventNameFault } from "../core/trigger/event-name.ts";
import { callSite, definitionError } from "./call-site.ts";
import { checkOptionNames, describe, textOf } from "./option-values.ts";
import { makeTrigger, TRIGGER_OPTION_NAMES, type Trigger, type TriggerOptions } from "./trigger-options.ts";
import { readWhere, type Where } from "./where-option.ts";

/**
 * Which events of a name start a run, and how.
 *
 * @example
 * const options: EventOptions = { key: "eu", where: { size: { gte: 10 } }, debounce: "30s" };
 */
export interface EventOptions extends TriggerOptions {
  /** Only events with this key. */
  readonly key?: string;
  /** Only events with such data. */
  readonly where?: Where;
}

/**
 * Starts a run for each event of this name, sent by `batuta emit`. Its tasks find what has started them in
 * `events` of their context.
 *
 * @example
 * pipeline("load", { on: onEvent("orders.arrived", { where: { region: "eu" } }) }, ({ task }) => {
 *   task("copy", ({ events }) => events.map(({ payload }) => payload));
 * });
 */
export function onEvent(name: string, options: EventOptions = {}): Trigger {
  const at = callSite(onEvent);
  const fault = eventNameFault(name);
  if (fault !== undefined)
    throw definitionError(`The event ${describe(name)} of onEvent ${fault}.`, at, EVENT_NAME_HINT);
  const what = `onEvent("${name}")`;
  checkOptionNames(options, [...TRIGGER_OPTION_NAMES, "key", "where"], what, at);
  const { key, where } = options;
  const filter = {
    ...(key === undefined ? {} : { key: textOf(key, `\`key\` of ${what}`, at) }),
    where: readWhere(where, what, at),
  };
  return makeTrigger({ kind: "event", event: name, filter }, options, { what, at, name });
}
