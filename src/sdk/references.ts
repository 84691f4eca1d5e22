import type { SourceLocation } from "../core/manifest.ts";
import { definitionError } from "./call-site.ts";
import type { Reference } from "./drafts.ts";
import { type GroupRef, isGroupRef } from "./group-ref.ts";
import { describe, nameOf } from "./option-values.ts";
import { isTaskRef, type TaskRef } from "./task-ref.ts";

/** Where references are read: of which pipeline, of what, and where the user wrote it. */
export interface ReferencePlace {
  readonly pipeline: string;
  /** `task "load"`, as messages begin. */
  readonly what: string;
  readonly at: SourceLocation;
}

/** Name of an input -> whole name of the task that gives it. */
export function readInput(given: unknown, place: ReferencePlace): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  const { what, at } = place;
  const hint = "Write input: { rows } where `rows` is what an earlier task(…) returned.";
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw definitionError(`\`input\` of ${what} is ${describe(given)}.`, at, hint);
  }
  const names: Record<string, string> = {};
  for (const [name, ref] of Object.entries(given)) {
    nameOf(name, `The name of an input of ${what}`, at);
    if (!isTaskRef(ref)) throw definitionError(notATask(`Input \`${name}\` of ${what}`, ref), at, hint);
    names[name] = ownName(ref, place);
  }
  return names;
}

/** Tasks and groups that have to end before. */
export function readAfter(given: unknown, place: ReferencePlace): readonly Reference[] {
  const hint = "Write after: [load, valid] with what task(…) or group(…) returned, or names of tasks.";
  return listed(given).map((item) => {
    if (isGroupRef(item)) return { name: ownName(item, place), isWhole: true };
    return taskReference(item, place, { option: "after", hint });
  });
}

/** The set-ups of a tear-down. */
export function readSetups(given: unknown, place: ReferencePlace): readonly Reference[] {
  const hint = "Write teardown: [cluster] where `cluster` is what task(…, { setup: true }, …) returned.";
  const references = listed(given).map((item) => taskReference(item, place, { option: "teardown", hint }));
  if (given === undefined || references.length > 0) return references;
  throw definitionError(`\`teardown\` of ${place.what} names no set-up.`, place.at, hint);
}

/** The whole name of what this pipeline has defined. */
export function ownName(ref: TaskRef | GroupRef, { pipeline, what, at }: ReferencePlace): string {
  if (ref.pipeline === pipeline) return ref.name;
  const hint = "A task can wait for tasks of its own pipeline only.";
  throw definitionError(`${what} waits for "${ref.name}", a ${ref.batuta} of pipeline "${ref.pipeline}".`, at, hint);
}

interface OptionPlace {
  readonly option: string;
  readonly hint: string;
}

function taskReference(item: unknown, place: ReferencePlace, { option, hint }: OptionPlace): Reference {
  if (typeof item === "string") return { name: item, isWhole: false };
  if (isTaskRef(item)) return { name: ownName(item, place), isWhole: true };
  throw definitionError(notATask(`\`${option}\` of ${place.what}`, item), place.at, hint);
}

function listed(given: unknown): readonly unknown[] {
  if (given === undefined) return [];
  return Array.isArray(given) ? given : [given];
}

function notATask(what: string, given: unknown): string {
  if (given === undefined) return `${what} is undefined: the task is used before it is defined.`;
  return `${what} is no task of this pipeline, but ${describe(given)}.`;
}
