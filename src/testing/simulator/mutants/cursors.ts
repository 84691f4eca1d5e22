import { type Mutant, mutant } from "./mutant.ts";

/** Of tasks that read a source on. */
export const CURSOR_MUTANTS: readonly Mutant[] = [
  mutant("two read one source at the same time", "I24", "core/task-scopes.ts", [
    "limited(cursorScope(pipeline.name, task.cursor.name), 1)",
    "limited(cursorScope(pipeline.name, task.cursor.name), 2)",
  ]),
  mutant("a batch moves a cursor that was set meanwhile", "cursor", "store/cursor-moves.ts", [
    "if (this.#versions.get(text) !== version) return false;",
    "if (!this.#versions.has(text)) return false;",
  ]),
  mutant("what a success has read is read again", "cursor", "engine/attempt-outcome.ts", [
    "to === undefined || read === undefined ? result",
    "to === undefined || read === undefined || result.output === undefined ? result",
  ]),
];
