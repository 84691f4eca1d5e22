import { type Mutant, mutant } from "./mutant.ts";

/** Runs that tasks of other runs start, and wait for. */
export const CHILD_MUTANTS: readonly Mutant[] = [
  mutant("whoever reports late starts a child of its own", "B07", "store/start-children.ts", [
    'if (verdict?.kind !== "accepted" || ',
    'if (verdict?.kind === "stale") return [{ parent: { key: 0, runKey: 0, generation: 0, attempt: 0, state: "success" }, plan }];\n    if (verdict?.kind !== "accepted" || ',
  ]),
  mutant("a child is started by whoever is cancelled, too", "I30", "store/start-children.ts", [
    'const STARTING: readonly string[] = ["deferred", "success"];',
    'const STARTING: readonly string[] = ["deferred", "success", "cancelled"];',
  ]),
  mutant("nobody tells a child that its parent is gone", "I30", "store/settle-children.ts", [
    "if (!isRunFinished(now.childState))",
    "if (isRunFinished(now.childState))",
  ]),
  mutant("a parent succeeds whatever became of its child", "I13", "store/settle-children.ts", [
    'now.childState === "success" ? await succeed',
    'now.childState !== "cancelled" ? await succeed',
  ]),
  mutant("a parent waits for ever", "I41", "engine/child-watch.ts", [
    "await this.#store.settleChildren()",
    "{ settled: 0 * this.#pollMs }",
  ]),
  mutant("a failed child is not tried again", "RT-1", "store/settle-children.ts", [
    'if (decision.kind === "final") return failTaskRun(set, row, failure);',
    "if (decision.kind !== undefined) return failTaskRun(set, row, failure);",
  ]),
  mutant("a parent takes the value of another task", "I16", "store/settle-children.ts", [
    "await tx.output(now.childFirstKey + spec.result)",
    "await tx.output(now.taskRunKey - 1)",
  ]),
];
