import { inTest, type Mutant, mutant, onBoth } from "./mutant.ts";

export const LIMIT_MUTANTS: readonly Mutant[] = [
  onBoth(
    mutant("one more than the limit", "I24", "core/scope-use.ts", ["used + weight > view.slots", "used > view.slots"]),
  ),
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
  mutant("what waits for its retry keeps its slots", "B45", "store/working-set.ts", [
    "...endedShares(moves.filter(({ before }) => this.#isLimited(before))),",
    '...endedShares(moves.filter(({ before, after }) => this.#isLimited(before) && after.state !== "retrying")),',
  ]),
  inTest(
    "core/lane-plan.test.ts",
    mutant("a limit holds what it does not limit", "B46", "core/lane-plan.ts", [
      'if (holds.some(({ kind }) => kind !== "kept")) pipeline.splice(place, 1);\n      else place += 1;',
      "return false;",
    ]),
  ),
  inTest(
    "core/lane-plan.test.ts",
    mutant("who was served last is served first", "B42", "core/lane-plan.ts", [
      "sort((one, other) => lastServed(one) - lastServed(other))",
      "sort((one, other) => lastServed(other) - lastServed(one))",
    ]),
  ),
  inTest(
    "core/background-share.test.ts",
    mutant("a backfill takes all that is left of a pool", "BF-3", "core/background-share.ts", [
      "background + weight <= backgroundMost(slots, used - background)",
      "background + weight <= slots",
    ]),
  ),
  inTest(
    "core/lane-plan-fairness.test.ts",
    mutant("nothing is kept for who waits longest", "B43", "core/lane-plan.ts", [
      "  plan.use.keepFor([...live, ...behind].flat());\n",
      "",
    ]),
  ),
];
