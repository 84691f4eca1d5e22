import type { TaskFunctions } from "../core/definition.ts";
import type { SourceLocation, TaskExecution, TaskSpec } from "../core/manifest.ts";
import { definitionError } from "./call-site.ts";
import { isGroupRef } from "./group-ref.ts";
import { describe } from "./option-values.ts";
import { isTaskKind, type TaskKind } from "./task-kind.ts";
import { isTaskRef } from "./task-ref.ts";

/** The work of a task, apart into what the engine has to know and what a task process calls. */
export interface ReadWork {
  readonly kind: string;
  readonly execution: TaskExecution;
  readonly connections: readonly string[];
  readonly run?: RunFunction;
  readonly poll?: PollFunction;
}

type RunFunction = NonNullable<TaskFunctions["run"]>;
type PollFunction = NonNullable<TaskFunctions["poll"]>;

export function readWork(work: unknown, what: string, at: SourceLocation): ReadWork {
  if (isTaskKind(work)) return workOfKind(work, what, at);
  if (typeof work === "function") {
    const run = functionOf<RunFunction>(work, what, at);
    return { kind: "function", execution: { via: "function" }, connections: [], run };
  }
  const hint = "Give it a function, or a kind such as shell`…`: task(name, { … }, async ({ input }) => …).";
  throw definitionError(`The work of ${what} is ${describe(work)}.`, at, hint);
}

/** A branch may give what `task(…)` returned: its value holds names. Nothing chosen is a value, too. */
export function decidingWork(work: ReadWork, decides: NonNullable<TaskSpec["decides"]>): ReadWork {
  const { run } = work;
  if (run === undefined || decides === "short_circuit") return work;
  return { ...work, run: async (context) => namesOf(await run(context)) };
}

/** The compiler has tied these functions to the types of their arguments; here it is enough that they are functions. */
export function functionOf<F>(given: unknown, what: string, at: SourceLocation): F {
  if (isFunction<F>(given)) return given;
  throw definitionError(`${what} is ${describe(given)}.`, at, "Give a function.");
}

function workOfKind({ kind, work, connections }: TaskKind, what: string, at: SourceLocation): ReadWork {
  if (work.via === "sensor") {
    const { via, sensor, poll } = work;
    const look = poll === undefined ? {} : { poll: functionOf<PollFunction>(poll, what, at) };
    return { kind, execution: { via, sensor }, connections, ...look };
  }
  if (work.via !== "function") return { kind, execution: work, connections };
  const run = functionOf<RunFunction>(work.run, what, at);
  return { kind, execution: { via: "function" }, connections, run };
}

function isFunction<F>(given: unknown): given is F {
  return typeof given === "function";
}

function namesOf(choice: unknown): unknown {
  if (choice === undefined) return null;
  return Array.isArray(choice) ? choice.map(nameOf) : nameOf(choice);
}

function nameOf(chosen: unknown): unknown {
  return isTaskRef(chosen) || isGroupRef(chosen) ? chosen.name : chosen;
}
