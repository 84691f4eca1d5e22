import type { Json } from "../json.ts";
import type { SourceLocation } from "../source-location.ts";
import type { EventFilter } from "./event-filter.ts";

/** What starts runs of a pipeline besides schedules and people, as plain data. */
export interface TriggerSpec {
  /** Its own within the pipeline. */
  readonly name: string;
  readonly location: SourceLocation;
  readonly source: TriggerSource;
  /** One run for all that comes until it is quiet. */
  readonly debounce?: Debounce;
  /** At most one run in so long, with all that has come since. */
  readonly batch?: Batch;
  /** Parameters of its runs, validated and completed by the pipeline's own schema, unless they are templates. */
  readonly params: Json;
  /** Texts in `params` name the event, `{{ event.path }}`: they are filled in and validated when it fires. */
  readonly hasTemplates?: true;
}

export type TriggerSource = EventSource | PipelineSource;

/** Events that people and programs send. */
export interface EventSource {
  readonly kind: "event";
  readonly event: string;
  readonly filter: EventFilter;
}

/** Ends of runs of another pipeline. */
export interface PipelineSource {
  readonly kind: "pipeline";
  readonly pipeline: string;
  /** `finished` is any end, that by cancellation too. */
  readonly state: "success" | "failed" | "finished";
  /** `same`: it works on the interval of the run that has ended; `none`: on the moment of its end. */
  readonly interval: "same" | "none";
}

export interface Debounce {
  readonly quietMs: number;
  /** Then it fires although it is not quiet. */
  readonly maxWaitMs: number;
}

export interface Batch {
  readonly everyMs: number;
  /** Events of one run; more are spread over several. */
  readonly max: number;
}

/** The name under which the store keeps what a trigger listens to. */
export function eventNameOf(source: TriggerSource): string {
  return source.kind === "event" ? source.event : pipelineEndName(source.pipeline);
}

/** No name of an event from outside has a colon. */
function pipelineEndName(pipeline: string): string {
  return `pipeline:${pipeline}`;
}

export function filterOf(source: TriggerSource): EventFilter {
  if (source.kind === "event") return source.filter;
  const { state } = source;
  return { where: state === "finished" ? [] : [{ path: "state", is: "eq", value: state }] };
}
