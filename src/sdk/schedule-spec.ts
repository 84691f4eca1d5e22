import type { SourceLocation } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import { definitionError } from "./call-site.ts";
import { type ParamsSchema, parseParams } from "./params.ts";
import type { Schedule } from "./schedule.ts";

/** A schedule as the manifest keeps it: with the parameters of its runs, which nobody is there to give when it fires. */
export function scheduleSpec(
  { batuta: _, ...schedule }: Schedule,
  params: ParamsSchema | undefined,
  { name, location }: { readonly name: string; readonly location: SourceLocation },
): ScheduleSpec {
  try {
    return { ...schedule, params: parseParams(params, name, {}) };
  } catch (error) {
    if (!(error instanceof BatutaError)) throw error;
    throw definitionError(
      `Pipeline "${name}" has a schedule, whose runs take the default parameters, and those are wrong: ${error.message}`,
      location,
      'Give each parameter a default: region: z.string().default("eu").',
    );
  }
}
