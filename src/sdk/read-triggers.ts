import { BatutaError } from "../core/problem.ts";
import type { SourceLocation } from "../core/source-location.ts";
import type { TriggerSpec } from "../core/trigger/trigger-spec.ts";
import { definitionError } from "./call-site.ts";
import { describe } from "./option-values.ts";
import { type ParamsSchema, parseParams } from "./params.ts";
import type { Trigger } from "./trigger-options.ts";

interface Owner {
  /** Of the pipeline. */
  readonly name: string;
  readonly location: SourceLocation;
}

/** Triggers of a pipeline as the manifest keeps them, each with a name of its own. */
export function readTriggers(given: unknown, params: ParamsSchema | undefined, owner: Owner): readonly TriggerSpec[] {
  const triggers: readonly unknown[] = Array.isArray(given) ? given : [given];
  const names = new Set<string>();
  return triggers.map((candidate) => {
    if (!isTrigger(candidate)) {
      const hint = 'Write on: onEvent("orders.arrived"), or a list of them.';
      throw definitionError(`\`on\` of pipeline "${owner.name}" holds ${describe(candidate)}.`, owner.location, hint);
    }
    if (names.has(candidate.name)) throw doubleName(candidate, owner);
    names.add(candidate.name);
    return withParams(candidate, params, owner);
  });
}

function isTrigger(candidate: unknown): candidate is Trigger {
  return typeof candidate === "object" && candidate !== null && Reflect.get(candidate, "batuta") === "trigger";
}

/** Nobody is there to give parameters when it fires, so they are settled here, where a mistake can be mended. */
function withParams({ batuta: _, ...spec }: Trigger, params: ParamsSchema | undefined, { name }: Owner): TriggerSpec {
  if (spec.hasTemplates) return spec;
  try {
    return { ...spec, params: parseParams(params, name, spec.params) };
  } catch (error) {
    if (!(error instanceof BatutaError)) throw error;
    const hint = 'Give them in `params` of the trigger, or give each a default: region: z.string().default("eu").';
    const message = `Runs that trigger "${spec.name}" starts have wrong parameters: ${error.message}`;
    throw definitionError(message, spec.location, hint);
  }
}

function doubleName({ name, location }: TriggerSpec, owner: Owner): Error {
  const hint = `Give one of them a name of its own: { name: "${name}_too" }.`;
  return definitionError(`Two triggers of pipeline "${owner.name}" are called "${name}".`, location, hint);
}
