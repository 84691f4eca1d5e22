import { type Mutant, mutant } from "./mutant.ts";

/** What tasks are asked before they work, what is taken from the cache, and pipelines that are paused. */
export const QUESTION_MUTANTS: readonly Mutant[] = [
  mutant("the cache trusts a failed attempt", "I16", "store/note-cache.ts", [
    'if (result.kind !== "success" || result.reason !== undefined) return;',
    'if (result.kind === "skipped") return;',
  ]),
  mutant("what was cleared is taken from the cache", "I16", "engine/result-cache.ts", [
    "if (order.generation > 1) return",
    "if (order.generation > 1_000) return",
  ]),
  mutant("what a key function says does not count", "I16", "core/result-cache.ts", [
    "known(answered ?? null)",
    "known(answered === undefined)",
  ]),
  mutant("doneWhen is asked after the first attempt", "RT-7", "engine/attempt-orders.ts", [
    "if (attempt - lost === 1) return true;",
    "if (attempt - lost > 0) return true;",
  ]),
  mutant("nobody is asked before the work", "RT-7", "engine/attempt-orders.ts", [
    "if (!task.hasDoneWhen && task.hasRunIf === undefined) return false;",
    "if (!task.hasDoneWhen || task.hasDoneWhen) return false;",
  ]),
  mutant("a paused pipeline still starts runs", "RS-6", "core/run-admission.ts", [
    "return paused ? 0 :",
    "return paused && maxRuns === 0 ? 0 :",
  ]),
  mutant("a pipeline that always fails goes on", "RS-6", "store/pause-failing.ts", [
    "if (limit !== undefined) await",
    "if (limit !== undefined && limit > 9) await",
  ]),
];
