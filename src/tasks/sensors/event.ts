import type { Json } from "../../core/json.ts";
import { EVENT_NAME_HINT, eventNameFault } from "../../core/trigger/event-name.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { defineSensor } from "../../sdk/define-sensor.ts";
import { describe, textOf } from "../../sdk/option-values.ts";
import type { SensorOptions } from "../../sdk/sensor-options.ts";
import type { TaskKind } from "../../sdk/task-kind.ts";
import { readWhere, type Where } from "../../sdk/where-option.ts";
import { askedOf, HOSTED_POLL_TIMEOUT } from "./hosted.ts";

/**
 * For which events of a name `event` waits.
 *
 * @example
 * event("orders.arrived", { key: "{{ ds }}", where: { region: "eu" }, timeout: "6h", onTimeout: "skip" });
 */
export interface EventWaitOptions extends SensorOptions {
  /** Only events with this key. */
  readonly key?: string;
  /** Only events with such data. */
  readonly where?: Where;
}

/**
 * The event that was waited for.
 *
 * @example
 * task("load", { input: { order } }, ({ input }: { input: { order: AwaitedEvent } }) => input.order.payload);
 */
export interface AwaitedEvent {
  readonly id: string;
  readonly name: string;
  readonly key?: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly payload: Json;
}

/**
 * Waits for an event of this name, sent by `batuta emit`, and gives it to its dependants. One that was sent before is
 * taken too, as long as it is kept; each is taken once by each task, so two runs that wait take one each.
 *
 * @example
 * task("order", event("orders.arrived", { key: "{{ params.shop }}", timeout: "6h" }));
 */
export function event(name: string, options: EventWaitOptions = {}): TaskKind<AwaitedEvent> {
  const at = callSite(event);
  const fault = eventNameFault(name);
  if (fault !== undefined)
    throw definitionError(`The event ${describe(name)} of event(…) ${fault}.`, at, EVENT_NAME_HINT);
  const { key, where, ...patience } = options;
  const what = `event("${name}")`;
  const config = {
    name,
    ...(key === undefined ? {} : { key: textOf(key, `\`key\` of ${what}`, at) }),
    where: readWhere(where, what, at).map((condition) => ({ ...condition })),
  };
  return askedOf("store", makeEvent(config, { pollTimeout: HOSTED_POLL_TIMEOUT, ...patience }, at));
}

type EventConfig = {
  readonly name: string;
  readonly key?: string;
  readonly where: readonly { readonly path: string; readonly is: string; readonly value: Json }[];
};

const makeEvent = defineSensor<EventConfig, AwaitedEvent>({
  name: "event",
  check: ({ config: { name } }) => ({ id: "", name, at: "", payload: null }),
});
