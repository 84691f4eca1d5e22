import type { SourceLocation } from "./source-location.ts";

/** Why an attempt did not succeed, as recorded. */
export interface Failure {
  readonly reason: FailureReason;
  /** One sentence for a person. */
  readonly message: string;
  /** Class name of what was thrown. */
  readonly errorName?: string;
  readonly stack?: string;
  readonly location?: SourceLocation;
  readonly exitCode?: number;
  readonly signal?: string;
  /** How to mend it, when known. */
  readonly hint?: string;
  /** The work had not begun: what was asked before it went wrong, and is asked again by the next attempt. */
  readonly asking?: "runIf" | "doneWhen";
}

export type FailureReason =
  /** User code threw or rejected. */
  | "error"
  /** `fatal()`: never retried. */
  | "fatal"
  /** A subprocess ended with a code that is neither 0 nor the skip code, or by a signal nobody here sent. */
  | "exit_code"
  /** The task process went away before it reported: `process.exit()`, a crash. */
  | "process_exited"
  | "out_of_memory"
  | "memory_limit"
  | "timeout"
  /** The output cannot be serialised or is too large: never retried. */
  | "invalid_output"
  /** The attempt could not start: version missing, template with an undefined name. Never retried. */
  | "cannot_start"
  /** A map that has no list to go over, or one that is too long. */
  | "invalid_map"
  /** The run that the task had started failed. */
  | "child_failed"
  /** The worker vanished (semantics ST-5): replaced outside the retry budget. */
  | "lost"
  | "cancelled";

/** What user code (`retryIf`, a delay function) or a server (`Retry-After`) said of the next attempt. */
export interface RetryAdvice {
  /** False: no further attempt. True changes nothing: the policy still has to allow it. */
  readonly retry?: boolean;
  /** Takes the place of the policy's delay. */
  readonly delayMs?: number;
  /** From HTTP 429 or 503: wins when longer than the delay (RT-3). */
  readonly retryAfterMs?: number;
}

/** What an attempt used, its children included. */
export interface ResourceUsage {
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
}
