import { type DataInterval, iso } from "../instant.ts";
import { localDate } from "../interval.ts";
import type { Json } from "../json.ts";
import type { TemplateScope } from "../template.ts";
import type { ConsumedEvent } from "./consumed-event.ts";
import { intervalOfEnd } from "./pipeline-end.ts";
import type { TriggerSource } from "./trigger-spec.ts";

/** The span of what a run takes (TI-2). `events` has one at least. */
export function spanOf(source: TriggerSource, events: readonly ConsumedEvent[]): DataInterval {
  const isSame = source.kind === "pipeline" && source.interval === "same";
  const spans = events.map((event) => (isSame ? intervalOfEnd(event) : { start: event.at, end: event.at }));
  return {
    start: spans.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY),
    end: spans.reduce((most, { end }) => Math.max(most, end), Number.NEGATIVE_INFINITY),
  };
}

/** What templates in the parameters of a trigger name: `event` is the newest of `events`. */
export function eventScope(events: readonly ConsumedEvent[], { interval, timezone }: IntervalInZone): TemplateScope {
  const views = events.map(viewOf);
  const ds = localDate(interval.start, timezone);
  const [start, end] = [iso(interval.start), iso(interval.end)];
  return {
    event: views.at(-1) ?? {},
    events: views,
    ...{ ds, ds_nodash: ds.replaceAll("-", ""), ts: start, interval: { start, end }, timezone },
  };
}

export const EVENT_SCOPE_NAMES: readonly string[] = [
  ...["event", "events", "interval", "ds", "ds_nodash", "ts", "timezone"],
];

export interface IntervalInZone {
  readonly interval: DataInterval;
  readonly timezone: string;
}

/** Fields of the payload can be named without saying so, as in `event.path`, where the event has none of that name. */
function viewOf({ id, name, key, at, payload }: ConsumedEvent): Json {
  const own = { id, name, ...(key === undefined ? {} : { key }), at: iso(at), payload };
  return isRecord(payload) ? { ...payload, ...own } : own;
}

function isRecord(value: Json): value is { readonly [key: string]: Json | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
