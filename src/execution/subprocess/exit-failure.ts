import type { Failure } from "../../core/failure.ts";
import type { ProcessExit } from "../../ports/processes.ts";
import type { Said } from "./said.ts";

const LAST_LINE_CHARACTERS_MAX = 500;

export interface FailedExit {
  readonly exit: ProcessExit;
  /** The end of what the process wrote to stderr. */
  readonly stderrTail: string;
  readonly exception: Said["exception"];
}

/** Why a subprocess that ended with another code than 0, or by a signal, failed. */
export function exitFailure({ exit: { code, signal }, stderrTail, exception }: FailedExit): Failure {
  const said = exception?.message.trim() ?? lastLine(stderrTail);
  const known = code === null ? signalHint(signal) : codeHint(code);
  return {
    reason: "exit_code",
    message: `The command ${howItEnded(code, signal)}${said === "" ? "." : `: ${said}`}`,
    ...(exception?.name === undefined ? {} : { errorName: exception.name }),
    ...(exception?.stack === undefined ? {} : { stack: exception.stack }),
    ...(code === null ? {} : { exitCode: code }),
    ...(signal === null ? {} : { signal }),
    ...(known === undefined ? {} : { hint: known }),
  };
}

function howItEnded(code: number | null, signal: string | null): string {
  if (code === null) return `was ended by ${signal}${signal === "SIGKILL" ? PROBABLY_MEMORY : ""}`;
  if (code === KILLED) return `ended with exit code 137 (SIGKILL)${PROBABLY_MEMORY}`;
  return `ended with exit code ${code}`;
}

/** A shell reports a child that was killed by signal 9 as 128 + 9. */
const KILLED = 137;
const PROBABLY_MEMORY = ", most likely killed by the system for want of memory";

function codeHint(code: number): string | undefined {
  switch (code) {
    case 126:
      return "A shell gives 126 for a file that is there but may not be run: chmod +x.";
    case 127:
      return "A shell gives 127 for a command that it does not find: install it, or give its path.";
    case KILLED:
      return signalHint("SIGKILL");
    default:
      return undefined;
  }
}

function signalHint(signal: string | null): string | undefined {
  return signal === "SIGKILL" ? "See `dmesg` for the out-of-memory killer; work on smaller parts." : undefined;
}

/** What programs say last is mostly why they failed. */
function lastLine(stderr: string): string {
  const line =
    stderr
      .trimEnd()
      .split(/[\r\n]/)
      .at(-1)
      ?.trim() ?? "";
  return line.length <= LAST_LINE_CHARACTERS_MAX ? line : `${line.slice(0, LAST_LINE_CHARACTERS_MAX)}…`;
}
