import type { Json } from "../../core/json.ts";
import { checkParamTemplates } from "../../core/render-params.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { booleanOf, checkOptionNames, describe, locatedAt } from "../../sdk/option-values.ts";
import { defineTaskKind, type TaskKind } from "../../sdk/task-kind.ts";

/**
 * How a run of another pipeline is started.
 *
 * @example
 * const options: ChildOptions = { params: { region: "{{ params.region }}" }, wait: false };
 */
export interface ChildOptions {
  /** Its parameters; texts may hold `{{ }}` templates, and one that is a single placeholder becomes its value. */
  readonly params?: { readonly [name: string]: Json };
  /** False: the task succeeds as soon as the run has been created. */
  readonly wait?: boolean;
}

/**
 * Starts a run of another pipeline of the project and waits for its end, without holding a slot. The task gives the
 * value of the other pipeline's `result`, and fails when that run fails; cancelling the one cancels the other.
 *
 * @example
 * const loaded = task("load_eu", child<{ rows: number }>("load_region", { params: { region: "eu", day: "{{ ds }}" } }));
 * task("reindex", { after: loaded }, child("reindex", { wait: false }));
 */
export function child(
  pipeline: string,
  options: ChildOptions & { readonly wait: false },
): TaskKind<{ readonly runId: string }>;
export function child<T = Json>(pipeline: string, options?: ChildOptions): TaskKind<T>;
export function child(pipeline: string, options: ChildOptions = {}): TaskKind<never> {
  const at = callSite(child);
  checkOptionNames<ChildOptions>(options, ["params", "wait"], "child(…)", at);
  const { params = {}, wait = true } = options;
  if (typeof pipeline !== "string" || pipeline === "") {
    throw definitionError(`The pipeline of child(…) is ${describe(pipeline)}.`, at, 'Write its name: child("load").');
  }
  if (typeof params !== "object" || params === null || Array.isArray(params)) {
    throw definitionError(`\`params\` of child(…) are ${describe(params)}.`, at, "Write an object of parameters.");
  }
  locatedAt(at, () => checkParamTemplates(params));
  return makeChild<never>({ pipeline, params, wait: booleanOf(wait, "`wait` of child(…)", at) }, at);
}

const makeChild = defineTaskKind<{
  readonly pipeline: string;
  readonly params: { readonly [name: string]: Json };
  readonly wait: boolean;
}>({ name: "child", child: (config) => config });
