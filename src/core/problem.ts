import type { SourceLocation } from "./source-location.ts";

/**
 * Every error Batuta raises on purpose: a code from `PROBLEMS`, a sentence that says what and where, and a hint that
 * says how to mend it. Anything else that is thrown is a defect of Batuta or an error of user code.
 *
 * @example
 * if (error instanceof BatutaError) process.stderr.write(`${error.message}\n${error.hint ?? ""}\n`);
 */
export class BatutaError extends Error {
  readonly code: ProblemCode;
  readonly hint: string | undefined;
  readonly location: SourceLocation | undefined;
  /** A few source lines around `location`, with a caret, ready to print. */
  readonly codeFrame: string | undefined;

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message);
    this.name = "BatutaError";
    this.code = code;
    this.hint = details.hint;
    this.location = details.location;
    this.codeFrame = details.codeFrame;
  }
}

export interface ProblemDetails {
  readonly hint?: string;
  readonly location?: SourceLocation;
  readonly codeFrame?: string;
}

/** Exit codes of the CLI (architecture.md, section 6). */
export const PROBLEMS = {
  invalid_definition: { exitCode: 2, title: "A pipeline is defined wrongly" },
  load_failed: { exitCode: 2, title: "A pipeline file cannot be loaded" },
  load_timeout: { exitCode: 2, title: "A pipeline file does not finish loading" },
  invalid_params: { exitCode: 2, title: "Parameters do not fit the pipeline" },
  invalid_date: { exitCode: 2, title: "Not a date" },
  invalid_template: { exitCode: 2, title: "A template is wrong" },
  usage: { exitCode: 2, title: "The command line is wrong" },
  not_a_project: { exitCode: 2, title: "No Batuta project here" },
  not_found: { exitCode: 3, title: "Not found" },
  denied: { exitCode: 4, title: "Not allowed" },
  read_only: { exitCode: 4, title: "The folder cannot be written" },
  conflict: { exitCode: 5, title: "The state forbids it" },
  disk_full: { exitCode: 6, title: "The disk is full" },
  store_unreachable: { exitCode: 6, title: "The database cannot be reached" },
  wait_timeout: { exitCode: 7, title: "Timed out waiting" },
  invalid_output: { exitCode: 1, title: "A task returned what cannot be kept" },
  run_failed: { exitCode: 1, title: "The run failed" },
  unhealthy: { exitCode: 1, title: "Something is not in order" },
  interrupted: { exitCode: 130, title: "Interrupted" },
  internal: { exitCode: 70, title: "A defect of Batuta" },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;
