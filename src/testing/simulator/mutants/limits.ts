import { type Mutant, mutant } from "./mutant.ts";

export const LIMIT_MUTANTS: readonly Mutant[] = [
  mutant("one more than the limit", "I24", "core/scope-use.ts", ["used + weight <= view.slots", "used <= view.slots"]),
  mutant("slots in use are not counted", "B21", "store/sqlite/scope-rows.ts", [
    "(select coalesce(sum(weight), 0) from lease_scope where lease_scope.scope_id = scope.id) as used",
    "0 as used",
  ]),
];
