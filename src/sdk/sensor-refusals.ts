import type { TaskSpec } from "../core/manifest.ts";
import { definitionError } from "./call-site.ts";
import type { ReferencePlace } from "./references.ts";
import type { GivenOptions } from "./task-settings.ts";

/** No attempt of it ever begins: what is about attempts would mean nothing. */
export function refuseUnaskedOfSensor(
  options: GivenOptions,
  decides: TaskSpec["decides"],
  { what, at }: ReferencePlace,
): void {
  if (decides !== undefined) {
    const hint = "Let a task wait, and the decision after it look at its value.";
    throw definitionError(`${what} is given a sensor.`, at, hint);
  }
  const unfit = NOT_OF_SENSORS.find(({ option }) => options[option] !== undefined && options[option] !== false);
  if (unfit === undefined) return;
  throw definitionError(`${what} is a sensor and has \`${unfit.option}\`.`, at, unfit.hint);
}

const PATIENCE = "Say it to the sensor itself: file(pattern, { timeout, pollEvery, errorsMax }).";
const NO_SLOT = "Leave it away: a sensor holds no slot while it waits.";
const BEFORE_IT = "Let a branch or a short circuit before it decide.";

const NOT_OF_SENSORS = [
  { option: "timeout", hint: PATIENCE },
  { option: "totalTimeout", hint: PATIENCE },
  { option: "retries", hint: PATIENCE },
  { option: "retryIf", hint: PATIENCE },
  { option: "pool", hint: NO_SLOT },
  { option: "concurrency", hint: NO_SLOT },
  { option: "rateLimit", hint: NO_SLOT },
  { option: "memoryLimit", hint: NO_SLOT },
  { option: "runIf", hint: BEFORE_IT },
  { option: "doneWhen", hint: BEFORE_IT },
  { option: "dependsOnPast", hint: "Say it of the task after it, or wait for the run before with pipelineDone(…)." },
  { option: "cache", hint: "Leave it away: what a sensor waits for is looked for anew in each run." },
  { option: "cursor", hint: "Say it of the task that reads what the sensor has found." },
] as const satisfies readonly { readonly option: keyof GivenOptions; readonly hint: string }[];
