import type { SourceLocation, TaskSpec } from "../core/manifest.ts";
import { checkName } from "../core/names.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import { callSite, definitionError } from "./call-site.ts";
import type { Drafts, GroupDraft } from "./drafts.ts";
import { GROUP_OPTION_NAMES, type GroupOptions } from "./group-options.ts";
import type { GroupRef } from "./group-ref.ts";
import { readMap } from "./map-draft.ts";
import type { MapSource } from "./map-options.ts";
import { checkOptionNames, textOf, wholeNumberOf } from "./option-values.ts";
import { readAfter } from "./references.ts";
import { retriesFrom } from "./retries.ts";
import { calledOf, readTask } from "./task-draft.ts";
import { TASK_OPTION_NAMES } from "./task-options.ts";
import type { TaskRef } from "./task-ref.ts";
import { type GivenOptions, type TaskDefaults, triggerRule } from "./task-settings.ts";

/** The functions a build function receives; their public types are those of `PipelineBuilder`. */
export interface CollectingBuilder {
  readonly task: (name: string, ...rest: readonly unknown[]) => TaskRef<never>;
  readonly branch: (name: string, ...rest: readonly unknown[]) => TaskRef<never>;
  readonly shortCircuit: (name: string, ...rest: readonly unknown[]) => TaskRef<never>;
  readonly group: (name: string, ...rest: readonly unknown[]) => GroupRef<never>;
}

/** Collects what is defined in one name space, that of the pipeline or of a group, while its build function runs. */
export class NameSpace implements CollectingBuilder {
  readonly #drafts: Drafts;
  readonly #defaults: TaskDefaults;
  readonly #group: number | undefined;
  #isOpen = true;

  constructor(drafts: Drafts, defaults: TaskDefaults, group?: number) {
    this.#drafts = drafts;
    this.#defaults = defaults;
    this.#group = group;
  }

  readonly task = (name: string, ...rest: readonly unknown[]): TaskRef<never> => {
    return this.#define(name, rest, { at: callSite(this.task) });
  };

  readonly branch = (name: string, ...rest: readonly unknown[]): TaskRef<never> => {
    return this.#define(name, rest, { at: callSite(this.branch), decides: "branch" });
  };

  readonly shortCircuit = (name: string, ...rest: readonly unknown[]): TaskRef<never> => {
    return this.#define(name, rest, { at: callSite(this.shortCircuit), decides: "short_circuit" });
  };

  readonly group = (name: string, ...rest: readonly unknown[]): GroupRef<never> => {
    const location = callSite(this.group);
    const full = this.#fullName("group", name, location);
    const [options, build]: readonly unknown[] = rest.length < 2 ? [{}, rest[0]] : rest;
    checkOptionNames<GroupOptions<MapSource>>(options, GROUP_OPTION_NAMES, `group "${full}"`, location);
    const index = this.#drafts.groups.push(this.#groupDraft(full, options, location)) - 1;
    const inner = new NameSpace(this.#drafts, this.#defaults, index);
    const result = runBuild<never>(build, inner, { what: `group "${full}"`, at: location });
    return Object.freeze({ batuta: "group", name: full, pipeline: this.#drafts.pipeline, location, result });
  };

  /** Everything has been said; a call that comes later is a mistake. */
  close(): void {
    this.#isOpen = false;
  }

  #define(name: string, rest: readonly unknown[], { at, decides }: Definition): TaskRef<never> {
    const full = this.#fullName("task", name, at);
    const [options, work]: readonly unknown[] = rest.length < 2 ? [{}, rest[0]] : rest;
    refuseMappedDecision(options, `${calledOf(decides)} "${full}"`, { at, decides });
    checkOptionNames<GivenOptions>(options, optionNames(decides), `${calledOf(decides)} "${full}"`, at);
    const { tasks, functions, pipeline } = this.#drafts;
    const given = { name: full, group: this.#group, location: at, options, work, decides };
    const read = readTask(given, pipeline, this.#defaults);
    tasks.push(read.draft);
    functions.set(full, read.functions);
    return Object.freeze({ batuta: "task", name: full, pipeline, location: at });
  }

  #groupDraft(name: string, options: GroupOptions<MapSource>, at: SourceLocation): GroupDraft {
    const what = `group "${name}"`;
    const { description, when, retries, concurrency } = options;
    const place = { pipeline: this.#drafts.pipeline, what, at };
    return {
      name,
      location: at,
      group: this.#group,
      description: description === undefined ? undefined : textOf(description, `\`description\` of ${what}`, at),
      after: readAfter(options.after, place),
      when: when === undefined ? "all_success" : triggerRule(when, what, at),
      retries: retries === undefined ? undefined : groupRetries(retries, what, at),
      concurrency:
        concurrency === undefined
          ? undefined
          : wholeNumberOf(concurrency, `\`concurrency\` of ${what}`, at, { min: 1 }),
      map: readMap(options, place),
    };
  }

  #fullName(what: "task" | "group", name: string, at: SourceLocation): string {
    checkName(what, name, at);
    if (!this.#isOpen) this.#refuseLate(what, name, at);
    if (this.#group === undefined) return name;
    const full = `${this.#drafts.groups[this.#group]?.name}.${name}`;
    checkName(what, full, at);
    return full;
  }

  #refuseLate(what: "task" | "group", name: string, at: SourceLocation): never {
    const around = this.#group === undefined ? undefined : this.#drafts.groups[this.#group]?.name;
    const whole = around === undefined ? `pipeline "${this.#drafts.pipeline}"` : `group "${around}"`;
    const hint = `Call ${what}(…) inside the function given to ${around === undefined ? "pipeline" : "group"}(…), before it returns.`;
    throw definitionError(`${capitalized(what)} "${name}" is defined after ${whole} was complete.`, at, hint);
  }
}

/** Code is asked about a failed attempt of a task, and there is none of a group. */
function groupRetries(given: unknown, what: string, at: SourceLocation): RetryPolicy {
  const { policy, delayOf } = retriesFrom(given, what, at);
  if (delayOf === undefined && policy.retryOn === undefined) return policy;
  const hint = 'Write a number, or retries such as fixed({ limit: 3, delay: "10s" }), without `retryOn` and functions.';
  throw definitionError(`\`retries\` of ${what} depend on the failure of one attempt.`, at, hint);
}

interface Definition {
  readonly at: SourceLocation;
  readonly decides?: TaskSpec["decides"];
}

interface BuildPlace {
  readonly what: string;
  readonly at: SourceLocation;
}

/** Calls a build function, which only says what there is, and gives what it returns. */
export function runBuild<R>(build: unknown, space: NameSpace, { what, at }: BuildPlace): R {
  if (!isBuild<R>(build)) {
    const hint = `Write ${what.split(" ")[0]}("name", { … }, ({ task }) => { … }).`;
    throw definitionError(`${capitalized(what)} has no function that defines its tasks.`, at, hint);
  }
  const returned = build(space);
  space.close();
  if (!(returned instanceof Promise)) return returned;
  returned.catch(() => undefined);
  const hint = "Remove `async`: what takes time belongs into a task, or above the pipeline with a top-level await.";
  throw definitionError(`The function that defines ${what} is asynchronous.`, at, hint);
}

function isBuild<R>(build: unknown): build is (space: CollectingBuilder) => R {
  return typeof build === "function";
}

const NO_DECISION_OPTIONS = ["map", "label", "maxParallel", "onEmpty", "mapLimit", "doneWhen", "setup", "teardown"];
const DECISION_OPTION_NAMES = TASK_OPTION_NAMES.filter((name) => !NO_DECISION_OPTIONS.includes(name));

function optionNames(decides: TaskSpec["decides"]): readonly (typeof TASK_OPTION_NAMES)[number][] {
  return decides === undefined ? TASK_OPTION_NAMES : DECISION_OPTION_NAMES;
}

function refuseMappedDecision(options: unknown, what: string, { at, decides }: Definition): void {
  if (decides === undefined || typeof options !== "object" || options === null || !("map" in options)) return;
  const hint = "Map the group around it and what it decides for: group(name, { map: … }, ({ branch, task }) => { … }).";
  throw definitionError(`Unknown option \`map\` of ${what}.`, at, hint);
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
