import type { Failure } from "../../core/failure.ts";
import { BatutaError } from "../../core/problem.ts";

/** Why a subprocess could not be started: a mistake that no retry mends, or a host that is short of something. */
export function startFailure(error: unknown, program: string): Failure {
  if (error instanceof BatutaError) {
    return {
      reason: "cannot_start",
      message: error.message,
      ...(error.location === undefined ? {} : { location: error.location }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  switch (code) {
    case "ENOENT":
      return cannotStart(`The program ${program} is not there.`, "Install it, or give its path in the project.");
    case "EACCES":
      return cannotStart(`The program ${program} may not be run.`, `Allow it: chmod +x ${program}`);
    case "ENOEXEC":
      return cannotStart(`${program} is no program.`, "A script begins with #! and the path of its interpreter.");
    case "E2BIG":
      return cannotStart(
        "The arguments and parameters are larger than the system takes.",
        "Give large values as inputs: they come in the file that BATUTA_INPUT_FILE names, and the item of a map in that of BATUTA_ITEM_FILE.",
      );
    default:
      return { reason: "error", message: `The command could not be started: ${message}` };
  }
}

function cannotStart(message: string, hint: string): Failure {
  return { reason: "cannot_start", message, hint };
}
