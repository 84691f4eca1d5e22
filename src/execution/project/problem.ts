import type { SourceLocation } from "../../core/manifest.ts";
import { BatutaError, type ProblemCode } from "../../core/problem.ts";

/** What is wrong with one file or one definition of a project. The other pipelines load all the same. */
export interface ProjectProblem {
  /** A warning lets the project run as it is. */
  readonly severity: "error" | "warning";
  readonly code: ProblemCode;
  readonly message: string;
  /** The pipeline file that was being loaded, relative to the project folder. */
  readonly file: string;
  /** The place of the mistake, which may be in another file. */
  readonly location?: SourceLocation;
  readonly codeFrame?: string;
  readonly hint?: string;
}

/** The problem as an error to throw, for a command that needs that very file. */
export function problemError({ code, message, location, codeFrame, hint }: ProjectProblem): BatutaError {
  return new BatutaError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
    ...(codeFrame === undefined ? {} : { codeFrame }),
  });
}
