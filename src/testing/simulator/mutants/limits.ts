import { type Mutant, mutant } from "./mutant.ts";

export const LIMIT_MUTANTS: readonly Mutant[] = [
  mutant("one more than the limit", "I24", "core/scope-use.ts", ["used + weight <= view.slots", "used <= view.slots"]),
  mutant("slots in use are not counted", "B21", "store/sqlite/scope-rows.ts", [
    "(select coalesce(sum(weight), 0) from lease_scope where lease_scope.scope_id = scope.id) as used",
    "0 as used",
  ]),
  mutant("a wide task takes one slot", "I24", "core/task-scopes.ts", [
    "({ name, slots }) => poolScope(name, slots, project)",
    "({ name }) => poolScope(name, 1, project)",
  ]),
  mutant("what a person has set is not heard", "CC-5", "store/lane-records.ts", [
    'present("slots", row.override ?? row.slots)',
    'present("slots", row.slots ?? row.override)',
  ]),
  mutant("tags of the pipeline are forgotten", "I24", "core/task-scopes.ts", [
    "new Set([...(task.tags ?? []), ...pipeline.tags])",
    "new Set(task.tags ?? [])",
  ]),
  mutant("an outer group does not limit what is in an inner one", "I24", "core/task-scopes.ts", [
    "spec = at(groups, spec.parent)",
    "spec = undefined",
  ]),
];
