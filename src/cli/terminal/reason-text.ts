import { cacheOriginOf } from "../../core/cache-reason.ts";
import { childOf } from "../../core/child-reason.ts";
import { doneBy } from "../../core/done-reason.ts";
import { operatorOf } from "../../core/operator-reason.ts";
import { MARKED_FAILED } from "../../core/run-outcome.ts";
import { SENSOR_TIMEOUT, WATCHES } from "../../core/sensors/sensor-wait.ts";
import { shortId } from "../run-reference.ts";
import { oneLine } from "./text-width.ts";

const WORDS: ReadonlyMap<string, string> = new Map([
  ["run_if", "its runIf was false"],
  ["key_taken", "its key was taken"],
  [WATCHES, "what it looks for"],
  [SENSOR_TIMEOUT, "it had not come in time"],
  ["empty_map", "the list is empty"],
  ["no_item", "the list has no such item any more"],
  ["fail_fast", "the first failure ends the run"],
  [MARKED_FAILED, "marked as failed"],
  ["cleanup_timeout", "the time for cleaning up was over"],
]);

/** The recorded reason of a state in a few words; "" where it says no more than the state does. */
export function reasonText(reason: string | undefined, state: string): string {
  if (reason === undefined || reason === state) return "";
  const operator = operatorOf(reason);
  if (operator !== undefined) return oneLine(`by ${operator}`);
  const done = doneBy(reason);
  if (done !== undefined) return done === "" ? "was done already" : `was done already: ${done} exists`;
  const child = childOf(reason);
  if (child !== undefined) return `run ${shortId(child)}`;
  const origin = cacheOriginOf(reason);
  if (origin !== undefined) return `from the cache, made by run ${shortId(origin.runId)}`;
  return WORDS.get(reason) ?? oneLine(reason);
}
