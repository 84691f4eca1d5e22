import { inTest, type Mutant, mutant } from "./mutant.ts";

/** Of tasks that wait for something. */
export const SENSOR_MUTANTS: readonly Mutant[] = [
  mutant("each poll moves the deadline", "B39", "store/sqlite/watch-rows.ts", [
    "deadline = coalesce(deadline, ? + timeout_ms)",
    "deadline = coalesce(? + timeout_ms, deadline)",
  ]),
  mutant("a wait goes on for ever", "B39", "store/sqlite/watch-rows.ts", [
    "where deadline <= ? order by deadline",
    "where deadline <= ? - 100000000 order by deadline",
  ]),
  inTest(
    "engine/watcher.test.ts",
    mutant("what an earlier wait has seen ends the next one", "B40", "engine/watcher.ts", [
      "if (!isOfSameWait(last, poll)) {",
      "if (last.generation < 0) {",
    ]),
  ),
];
