import { formatDuration } from "../duration.ts";
import type { Failure } from "../failure.ts";
import { type Instant, instantText } from "../instant.ts";
import type { Json } from "../json.ts";
import type { SensorSpec } from "../manifest.ts";

/** A sensor that waits, as far as a sentence about it needs to know. Rows of the store fit as they are. */
export interface WatchFacts {
  readonly polls: number;
  readonly errors: number;
  readonly nextPollAt: Instant;
  readonly deadline?: Instant;
  readonly seen?: string;
  readonly failure?: Failure;
}

/** What a sensor waits for, in a few words: `files in/{{ ds }}/*.csv`. */
export function sensorText({ kind, config }: Pick<SensorSpec, "kind" | "config">): string {
  const facts = isRecord(config) ? config : {};
  switch (kind) {
    case "file":
      return `files ${shown(facts.path)}`;
    case "s3-object":
      return `objects s3://${shown(facts.bucket)}/${shown(facts.key)}`;
    case "http-ok":
      return `an answer of ${textOfParts(facts.url)}`;
    case "sql-rows":
      return `rows in ${shown(facts.connection)}`;
    case "until":
      return typeof facts.afterMs === "number" ? `${formatDuration(facts.afterMs)} to pass` : shown(facts.at);
    case "pipeline-done":
      return `pipeline ${shown(facts.pipeline)}`;
    case "event":
      return `event ${shown(facts.name)}${facts.key === undefined ? "" : ` with key ${shown(facts.key)}`}`;
    case "poll":
      return "what its function looks for";
    default:
      return kind;
  }
}

/** `waits for files in/*.csv: nothing there; looked 3 times, again in 5 s, until 2026-01-02T09:00:00Z`. */
export function watchText(
  sensor: Pick<SensorSpec, "kind" | "config">,
  watch: WatchFacts | undefined,
  now: Instant,
): string {
  const waits = `waits for ${sensorText(sensor)}`;
  if (watch === undefined) return waits;
  const { polls, errors, deadline, seen, failure, nextPollAt } = watch;
  const inMs = nextPollAt - now;
  const told = [
    looksText(polls, deadline),
    // Before the first answer this is when the look counts as lost.
    ...(inMs > 0 && polls > 0 ? [`again in ${formatDuration(inMs)}`] : []),
    ...(deadline === undefined ? [] : [`until ${instantText(deadline)}`]),
    ...(failure === undefined ? [] : [`${errorsText(errors)}: ${failure.message}`]),
  ];
  return `${waits}${seen === undefined ? "" : `: ${seen}`}; ${told.join(", ")}`;
}

/** The first look fixes the deadline: with one and without an answer it is under way. */
function looksText(polls: number, deadline: Instant | undefined): string {
  if (polls === 0) return deadline === undefined ? "not looked yet" : "is looking for the first time";
  return polls === 1 ? "looked once" : `looked ${polls} times`;
}

function errorsText(errors: number): string {
  return errors === 1 ? "the last look went wrong" : `the last ${errors} looks went wrong`;
}

function textOfParts(parts: Json | undefined): string {
  if (!Array.isArray(parts)) return shown(parts);
  return parts.map((part: Json) => (isRecord(part) ? `{{ ${shown(part.name)} }}` : shown(part))).join("");
}

function shown(value: Json | undefined): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function isRecord(value: Json | undefined): value is { readonly [name: string]: Json | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
