import { inTest, type Mutant, mutant } from "./mutant.ts";

/** Files, logs and locks of a real machine, which a world does not have. */
export const MACHINE_MUTANTS: readonly Mutant[] = [
  inTest(
    "store/sqlite/writers.test.ts",
    mutant("a user hears that the database is locked", "B55", "store/sqlite/failure.ts", [
      "return isSqliteError(error) && (",
      "return !isSqliteError(error) && (",
    ]),
  ),
  inTest(
    "execution/logs/log-store.test.ts",
    mutant("what a killed task said last is lost", "B57", "execution/logs/attempt-log.ts", [
      "const PARTIAL_LINE_MS = 200;",
      "const PARTIAL_LINE_MS = 200_000;",
    ]),
  ),
  inTest(
    "execution/create-executor.test.ts",
    mutant("folders of the dead stay", "B66", "execution/temp-folders.ts", [
      'if (owner !== undefined && stateOfProcess(owner) === "gone") files.remove(folder);',
      "void [ownerOf, stateOfProcess, owner];",
    ]),
  ),
];
