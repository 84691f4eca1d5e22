import { momentOf } from "../../core/sensors/moment.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { defineSensor } from "../../sdk/define-sensor.ts";
import { describe, durationOf, locatedAt } from "../../sdk/option-values.ts";
import type { TaskKind } from "../../sdk/task-kind.ts";
import { askedOf, HOSTED_POLL_TIMEOUT } from "./hosted.ts";

/**
 * Waits for a moment: a time of day, the first at or after the end of the run's interval in the pipeline's zone; an
 * instant; or a length of time after that end. It has passed already: the task succeeds at once. Its value is the moment.
 *
 * @example
 * task("opening", until("06:30"));
 * task("embargo", until("{{ params.embargo }}"));
 * task("late_rows", until({ after: "2h" }));
 */
export function until(moment: string | { readonly after: string | number }): TaskKind<string> {
  const at = callSite(until);
  return askedOf("store", makeUntil(configOf(moment, at), PATIENT, at));
}

/** Nothing but the moment ends it. */
const PATIENT = { timeout: "5200w", pollTimeout: HOSTED_POLL_TIMEOUT } as const;

const makeUntil = defineSensor<UntilConfig, string>({ name: "until", check: () => "" });

type UntilConfig = { readonly at: string } | { readonly afterMs: number };

function configOf(moment: unknown, at: ReturnType<typeof callSite>): UntilConfig {
  if (typeof moment === "string") {
    // One with a template is judged when it is rendered.
    if (!moment.includes("{{")) locatedAt(at, () => momentOf({ at: moment }, ANY_RUN));
    return { at: moment };
  }
  if (typeof moment === "object" && moment !== null && "after" in moment) {
    return { afterMs: durationOf(moment.after, "`after` of until(…)", at) };
  }
  const hint = 'Write a time of day, an instant, or { after: "2h" }: until("06:30").';
  throw definitionError(`The moment of until(…) is ${describe(moment)}.`, at, hint);
}

const ANY_RUN = { interval: { start: 0, end: 0 }, timezone: "UTC" };
