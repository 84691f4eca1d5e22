import { canonicalJson } from "../../core/canonical-json.ts";
import type { PipelineDefinition } from "../../core/definition.ts";
import type { Json } from "../../core/json.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import { withShiftedDate } from "../../ports/shifted-date.ts";

/**
 * Parameters of scheduled runs are settled when the project is compiled, so a default must not depend on the moment or on
 * chance: the same sources would give another version with every load. They are asked for a second time, a year ahead.
 */
export function checkScheduleParams(
  { parseScheduleParams }: Pick<PipelineDefinition, "parseScheduleParams">,
  { name, location, schedules = [] }: Pick<PipelineSpec, "name" | "location" | "schedules">,
): void {
  if (parseScheduleParams === undefined) return;
  const again = withShiftedDate(parseScheduleParams);
  for (const [index, { params }] of schedules.entries()) {
    const changed = changedParams(params, again[index] ?? null);
    if (changed.length === 0) continue;
    throw new BatutaError(
      "invalid_definition",
      `The default of ${changed.join(", ")} of pipeline "${name}" is another one each time it is asked for.`,
      {
        location,
        hint: "Give it a fixed default, or none of its own: a task knows its moment by `ds` and `interval`, whenever it runs.",
      },
    );
  }
}

function changedParams(before: Json, after: Json): readonly string[] {
  const [one, other] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.filter((name) => canonicalJson(one[name] ?? null) !== canonicalJson(other[name] ?? null));
}

function fieldsOf(params: Json): { readonly [name: string]: Json | undefined } {
  return typeof params === "object" && params !== null ? Object.fromEntries(Object.entries(params)) : { params };
}
