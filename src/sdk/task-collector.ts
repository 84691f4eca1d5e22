import type { TaskFunctions } from "../core/definition.ts";
import { buildGraph } from "../core/graph.ts";
import type { SourceLocation, TaskExecution, TaskSpec } from "../core/manifest.ts";
import { checkName } from "../core/names.ts";
import { callSite, definitionError } from "./call-site.ts";
import { checkOptionNames, describe, nameOf } from "./option-values.ts";
import { isTaskKind, type TaskKind } from "./task-kind.ts";
import { TASK_OPTION_NAMES } from "./task-options.ts";
import { isTaskRef, type TaskRef } from "./task-ref.ts";
import { type GivenOptions, readRetries, readSettings, type TaskDefaults } from "./task-settings.ts";

/** Collects the tasks of one pipeline while its build function runs, then puts them in an order they can run in. */
export class TaskCollector {
  readonly #pipeline: string;
  readonly #defaults: TaskDefaults;
  readonly #drafts: Draft[] = [];
  readonly #functions = new Map<string, TaskFunctions>();
  #open = true;

  constructor(pipeline: string, defaults: TaskDefaults) {
    this.#pipeline = pipeline;
    this.#defaults = defaults;
  }

  /** The `task` that the build function receives; its public type is `DefineTask`. */
  readonly task = (name: string, ...rest: readonly unknown[]): TaskRef<never> => {
    const location = callSite(this.task);
    checkName("task", name, location);
    this.#checkOpen(name, location);
    const [options, work]: readonly unknown[] = rest.length < 2 ? [{}, rest[0]] : rest;
    checkOptionNames<GivenOptions>(options, TASK_OPTION_NAMES, `task "${name}"`, location);
    const draft = this.#draft(name, location, { options, work });
    this.#drafts.push(draft.task);
    this.#functions.set(name, draft.functions);
    return Object.freeze({ batuta: "task", name, pipeline: this.#pipeline, location });
  };

  finish(location: SourceLocation): Collected {
    this.#open = false;
    if (this.#drafts.length === 0) {
      const hint = 'Define one: task("first", async ({ log }) => log.info("hello")).';
      throw definitionError(`Pipeline "${this.#pipeline}" has no task.`, location, hint);
    }
    const { order, upstream } = buildGraph(this.#drafts);
    const indexes = new Map(order.map((position, index) => [this.#drafts[position]?.name, index]));
    const tasks = order.flatMap((position, index) => {
      const draft = this.#drafts[position];
      return draft === undefined ? [] : [specOf(draft, upstream[index] ?? [], indexes)];
    });
    return { tasks, functions: this.#functions };
  }

  #checkOpen(name: string, location: SourceLocation): void {
    if (this.#open) return;
    const hint = "Call task(…) inside the function given to pipeline(…), before it returns.";
    throw definitionError(`Task "${name}" is defined after pipeline "${this.#pipeline}" was complete.`, location, hint);
  }

  #draft(name: string, location: SourceLocation, { options, work }: GivenTask): DraftWithFunctions {
    const what = `task "${name}"`;
    const retries = readRetries(options, what, this.#defaults, location);
    const settings = readSettings(options, what, this.#defaults, location);
    const { kind, execution, connections, run } = readWork(work, what, location);
    const { runIf, doneWhen, retryIf } = options;
    const { delayOf } = retries;
    const input = this.#input(options.input, what, location);
    return {
      task: {
        name,
        location,
        upstream: [...Object.values(input), ...this.#after(options.after, what, location)],
        inputNames: input,
        spec: {
          ...settings,
          kind,
          execution,
          retries: retries.policy,
          hasRetryCode: retryIf !== undefined || delayOf !== undefined,
          hasDoneWhen: doneWhen !== undefined,
          ...(runIf === undefined ? {} : { hasRunIf: true }),
          connections: [...new Set([...settings.connections, ...connections])],
        },
      },
      functions: {
        ...(run === undefined ? {} : { run }),
        ...(runIf === undefined ? {} : { runIf: functionOf(runIf, `\`runIf\` of ${what}`, location) }),
        ...(doneWhen === undefined ? {} : { doneWhen: functionOf(doneWhen, `\`doneWhen\` of ${what}`, location) }),
        ...(retryIf === undefined ? {} : { retryIf: functionOf(retryIf, `\`retryIf\` of ${what}`, location) }),
        ...(delayOf === undefined ? {} : { retryDelay: delayOf }),
      },
    };
  }

  #input(given: unknown, what: string, at: SourceLocation): Record<string, string> {
    if (given === undefined) return {};
    const hint = "Write input: { rows } where `rows` is what an earlier task(…) returned.";
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw definitionError(`\`input\` of ${what} is ${describe(given)}.`, at, hint);
    }
    const names: Record<string, string> = {};
    for (const [name, ref] of Object.entries(given)) {
      nameOf(name, `The name of an input of ${what}`, at);
      if (!isTaskRef(ref)) throw definitionError(notATask(`Input \`${name}\` of ${what}`, ref), at, hint);
      names[name] = this.#ownTask(ref, what, at);
    }
    return names;
  }

  #after(given: unknown, what: string, at: SourceLocation): readonly string[] {
    if (given === undefined) return [];
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    return list.map((item) => {
      if (typeof item === "string") return item;
      if (isTaskRef(item)) return this.#ownTask(item, what, at);
      const hint = "Write after: [load, valid] with what task(…) returned, or names of tasks.";
      throw definitionError(notATask(`\`after\` of ${what}`, item), at, hint);
    });
  }

  #ownTask(ref: TaskRef, what: string, at: SourceLocation): string {
    if (ref.pipeline === this.#pipeline) return ref.name;
    const hint = "A task can wait for tasks of its own pipeline only.";
    throw definitionError(`${what} waits for "${ref.name}", a task of pipeline "${ref.pipeline}".`, at, hint);
  }
}

interface Collected {
  readonly tasks: readonly TaskSpec[];
  readonly functions: ReadonlyMap<string, TaskFunctions>;
}

interface GivenTask {
  readonly options: GivenOptions;
  readonly work: unknown;
}

interface Draft {
  readonly name: string;
  readonly location: SourceLocation;
  readonly upstream: readonly string[];
  /** Name of an input -> name of the upstream task. */
  readonly inputNames: Readonly<Record<string, string>>;
  readonly spec: Omit<TaskSpec, "name" | "location" | "upstream" | "input">;
}

interface DraftWithFunctions {
  readonly task: Draft;
  readonly functions: TaskFunctions;
}

function specOf(
  { name, location, inputNames, spec }: Draft,
  upstream: readonly number[],
  indexes: ReadonlyMap<string | undefined, number>,
): TaskSpec {
  const input: Record<string, number> = {};
  for (const [inputName, taskName] of Object.entries(inputNames)) input[inputName] = indexes.get(taskName) ?? -1;
  return { name, location, ...spec, upstream, input };
}

interface ReadWork {
  readonly kind: string;
  readonly execution: TaskExecution;
  readonly connections: readonly string[];
  readonly run?: NonNullable<TaskFunctions["run"]>;
}

function readWork(work: unknown, what: string, at: SourceLocation): ReadWork {
  if (isTaskKind(work)) return workOfKind(work, what, at);
  if (typeof work === "function") {
    const run = functionOf<NonNullable<TaskFunctions["run"]>>(work, what, at);
    return { kind: "function", execution: { via: "function" }, connections: [], run };
  }
  const hint = "Give it a function, or a kind such as shell`…`: task(name, { … }, async ({ input }) => …).";
  throw definitionError(`The work of ${what} is ${describe(work)}.`, at, hint);
}

function workOfKind({ kind, work, connections }: TaskKind, what: string, at: SourceLocation): ReadWork {
  if (work.via === "process") return { kind, execution: work, connections };
  const run = functionOf<NonNullable<TaskFunctions["run"]>>(work.run, what, at);
  return { kind, execution: { via: "function" }, connections, run };
}

/** The compiler has tied these functions to the types of their arguments; here it is enough that they are functions. */
function functionOf<F>(given: unknown, what: string, at: SourceLocation): F {
  if (isFunction<F>(given)) return given;
  throw definitionError(`${what} is ${describe(given)}.`, at, "Give a function.");
}

function isFunction<F>(given: unknown): given is F {
  return typeof given === "function";
}

function notATask(what: string, given: unknown): string {
  if (given === undefined) return `${what} is undefined: the task is used before it is defined.`;
  return `${what} is no task of this pipeline, but ${describe(given)}.`;
}
