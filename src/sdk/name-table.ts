import { closestName } from "../core/closest-name.ts";
import type { SourceLocation } from "../core/manifest.ts";
import { definitionError } from "./call-site.ts";
import type { Drafts, Reference } from "./drafts.ts";

/** What a name stands for: an index in the tasks or in the groups of the drafts. */
export interface Target {
  readonly kind: "task" | "group";
  readonly index: number;
}

/** Where a name was written. */
export interface NamePlace {
  /** `Task "load"`, as a message begins. */
  readonly what: string;
  readonly at: SourceLocation;
  readonly group: number | undefined;
}

/** Every task and group by its whole name; two of one name are an error. */
export class NameTable {
  readonly #drafts: Drafts;
  readonly #targets = new Map<string, Target>();

  constructor(drafts: Drafts) {
    this.#drafts = drafts;
    for (const index of drafts.groups.keys()) this.#add({ kind: "group", index });
    for (const index of drafts.tasks.keys()) this.#add({ kind: "task", index });
  }

  /** Looks in the name space where the name was written, then in those around it. */
  find({ name, isWhole }: Reference, place: NamePlace): Target {
    const found = isWhole ? this.#targets.get(name) : this.#lookUp(name, place.group);
    if (found !== undefined) return found;
    const meant = closestName(name, this.#targets.keys());
    const hint = meant === undefined ? "Define it in the same pipeline." : `Did you mean "${meant}"?`;
    throw definitionError(`${place.what} waits for "${name}", which is no task or group here.`, place.at, hint);
  }

  /** The same for what can only be a task. */
  findTask(reference: Reference, place: NamePlace): number {
    const { kind, index } = this.find(reference, place);
    if (kind === "task") return index;
    throw definitionError(`${place.what} names group "${reference.name}".`, place.at, "Name a task of it.");
  }

  /** The task of a whole name that came from a reference, and is known for that reason. */
  taskCalled(name: string): number {
    const found = this.#targets.get(name);
    if (found?.kind === "task") return found.index;
    throw new Error(`there is no task ${name}`);
  }

  #lookUp(name: string, group: number | undefined): Target | undefined {
    for (let around = group; around !== undefined; around = this.#drafts.groups[around]?.group) {
      const found = this.#targets.get(`${this.#drafts.groups[around]?.name}.${name}`);
      if (found !== undefined) return found;
    }
    return this.#targets.get(name);
  }

  #add(target: Target): void {
    const draft = this.#draftOf(target);
    if (draft === undefined) return;
    const first = this.#targets.get(draft.name);
    if (first === undefined) {
      this.#targets.set(draft.name, target);
      return;
    }
    // The one further down is the second one, whatever it is.
    const [earlier, later] = [this.#draftOf(first), draft].sort((one, other) => lineOf(one) - lineOf(other));
    const { kind } = target;
    const both = first.kind === kind ? `Two ${kind}s are` : "A task and a group are";
    const at = earlier === undefined ? "" : `${earlier.location.file}:${earlier.location.line}`;
    throw definitionError(
      `${both} called "${draft.name}"; the first one is defined at ${at}.`,
      (later ?? draft).location,
      "Give one of them another name: names are unique within a pipeline, or within a group.",
    );
  }

  #draftOf({ kind, index }: Target): { readonly name: string; readonly location: SourceLocation } | undefined {
    return kind === "task" ? this.#drafts.tasks[index] : this.#drafts.groups[index];
  }
}

function lineOf(draft: { readonly location: SourceLocation } | undefined): number {
  return draft?.location.line ?? 0;
}
