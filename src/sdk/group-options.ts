import type { TriggerRule } from "../core/trigger-rule.ts";
import type { MapOptions, MapSource } from "./map-options.ts";
import type { Retries } from "./retries.ts";
import type { TaskOrName } from "./task-options.ts";

/**
 * Everything that may be said of a group beside its name and its members.
 *
 * @example
 * const options: GroupOptions = { after: "extract", retries: 2, concurrency: 4 };
 */
export interface GroupOptions<M extends MapSource = never> extends MapOptions<M> {
  /** What must have ended before any member starts. */
  readonly after?: TaskOrName | readonly TaskOrName[];
  /** The trigger rule of the whole group; `all_success` when absent. */
  readonly when?: TriggerRule;
  /** How often the whole group is run again when a member has failed for good. */
  readonly retries?: number | Retries;
  /** Attempts of members that may run at the same time within a run. */
  readonly concurrency?: number;
  readonly description?: string;
}

export const GROUP_OPTION_NAMES = [
  "after",
  "when",
  "retries",
  "concurrency",
  "description",
  "map",
  "label",
  "maxParallel",
  "onEmpty",
  "mapLimit",
] as const satisfies readonly (keyof GroupOptions<MapSource>)[];
