import type { TaskFunctions } from "../core/definition.ts";
import type { MapSpec, SourceLocation, TaskSpec } from "../core/manifest.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { TriggerRule } from "../core/trigger-rule.ts";

/** What the build functions of a pipeline and its groups have said so far: parts that know each other by name. */
export interface Drafts {
  readonly pipeline: string;
  /** In the order of definition. */
  readonly tasks: TaskDraft[];
  /** Outer groups before inner ones. */
  readonly groups: GroupDraft[];
  readonly functions: Map<string, TaskFunctions>;
}

export interface TaskDraft {
  /** With the groups around it: `load.orders.fetch`. */
  readonly name: string;
  readonly location: SourceLocation;
  /** Index of the innermost group around it. */
  readonly group: number | undefined;
  readonly after: readonly Reference[];
  /** Name of an input -> whole name of the task that gives it. */
  readonly input: Readonly<Record<string, string>>;
  /** The set-ups of a tear-down. */
  readonly setups: readonly Reference[];
  readonly map: MapDraft | undefined;
  readonly spec: Omit<TaskSpec, "name" | "location" | "upstream" | "input" | "group" | "gates" | "cleanup" | "map">;
}

export interface GroupDraft {
  readonly name: string;
  readonly location: SourceLocation;
  /** Index of the group around it. */
  readonly group: number | undefined;
  readonly description: string | undefined;
  readonly after: readonly Reference[];
  readonly when: TriggerRule;
  readonly retries: RetryPolicy | undefined;
  readonly concurrency: number | undefined;
  readonly map: MapDraft | undefined;
}

/** A task or a group: by its whole name, or by a name that is looked up where it was written. */
export interface Reference {
  readonly name: string;
  readonly isWhole: boolean;
}

export interface MapDraft extends Omit<MapSpec, "over"> {
  /** The whole name of the task that gives the list, or the list. */
  readonly over:
    | { readonly kind: "task"; readonly name: string }
    | Extract<MapSpec["over"], { readonly kind: "items" }>;
}
