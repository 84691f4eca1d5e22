import { parseDuration } from "../core/duration.ts";
import type { Json } from "../core/json.ts";
import type { NotYet } from "../core/sensors/not-yet.ts";

/**
 * What goes with `notYet()`.
 *
 * @example
 * return notYet("2 of 5 parts", { memory: { parts: 2 }, again: "10s" });
 */
export interface NotYetOptions {
  /** Given to the next look as `memory`, also after a restart; up to 64 KiB of JSON. */
  readonly memory?: Json;
  /** When to look again, in place of the sensor's own `pollEvery`. */
  readonly again?: string | number;
}

/**
 * What a sensor returns that has not found what it waits for. `seen` says what was there, for `batuta why`.
 *
 * @example
 * task("parts", poll(async ({ ds }) => {
 *   const parts = await listParts(ds);
 *   return parts.length < 5 ? notYet(`${parts.length} of 5 parts`) : parts;
 * }));
 */
export function notYet(seen?: string, { memory, again }: NotYetOptions = {}): NotYet {
  return {
    batuta: "not_yet",
    ...(seen === undefined ? {} : { seen }),
    ...(memory === undefined ? {} : { memory }),
    ...(again === undefined ? {} : { againMs: parseDuration(again, "`again` of notYet(…)") }),
  };
}
