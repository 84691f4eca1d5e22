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

export type TriggerSource = EventSource | PipelineSource | FileSource;

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

/** Files of this machine: each state of one, by its path, size and time of change, is an event. */
export interface FileSource {
  readonly kind: "file";
  /** Relative to the project folder, or absolute. */
  readonly glob: string;
  /** So long it must not have changed before it counts. */
  readonly stableForMs: number;
  readonly pollEveryMs: number;
  /** What becomes of files that are there when it is deployed: they start runs, or never do unless they change. */
  readonly existing: "count" | "ignore";
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
export function eventNameOf(pipeline: string, { name, source }: Pick<TriggerSpec, "name" | "source">): string {
  switch (source.kind) {
    case "event":
      return source.event;
    // No name of an event from outside has a colon.
    case "pipeline":
      return `pipeline:${source.pipeline}`;
    case "file":
      return `file:${pipeline}/${name}`;
  }
}

export function filterOf(source: TriggerSource): EventFilter {
  if (source.kind === "event") return source.filter;
  if (source.kind === "file") return { where: [{ path: FILE_BEFORE, is: "exists", value: false }] };
  const { state } = source;
  return { where: state === "finished" ? [] : [{ path: "state", is: "eq", value: state }] };
}

/** Field of the payload of files that a trigger has found and is not to take, for they were there before it. */
export const FILE_BEFORE = "before";
