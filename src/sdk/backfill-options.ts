import type { PipelineSpec, SourceLocation } from "../core/manifest.ts";
import { booleanOf, checkOptionNames, wholeNumberOf } from "./option-values.ts";

/**
 * How backfills of a pipeline run, unless the command that asks for one says something else.
 *
 * @example
 * const options: BackfillPipelineOptions = { singleRun: true };
 */
export interface BackfillPipelineOptions {
  /** One run over the whole range, in place of one for each interval. */
  readonly singleRun?: boolean;
  /** Runs at the same time; 8 when absent. */
  readonly maxActive?: number;
}

const MAX_ACTIVE_MAX = 1_000;

export function readBackfillOptions(
  given: BackfillPipelineOptions,
  what: string,
  at: SourceLocation,
): Pick<PipelineSpec, "backfill"> {
  const { singleRun, maxActive } = given;
  const name = `\`backfill\` of ${what}`;
  checkOptionNames(given, ["singleRun", "maxActive"], name, at);
  const backfill = {
    ...(singleRun !== undefined && booleanOf(singleRun, `\`singleRun\` in ${name}`, at)
      ? { singleRun: true as const }
      : {}),
    ...(maxActive === undefined
      ? {}
      : { maxActive: wholeNumberOf(maxActive, `\`maxActive\` in ${name}`, at, { min: 1, max: MAX_ACTIVE_MAX }) }),
  };
  return Object.keys(backfill).length === 0 ? {} : { backfill };
}
