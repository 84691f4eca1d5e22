import type { Failure } from "../../core/failure.ts";
import type { PoolProcessEnd } from "./pool-process.ts";

/** Why a task process that went away before it reported did so. */
export function processEndFailure(end: PoolProcessEnd): Failure {
  const { code, signal, lastWord, stderrTail, isGarbled } = end;
  if (isGarbled) {
    return {
      reason: "process_exited",
      message: "The task process was ended: what came through its pipe to Batuta is no message.",
      ...(signal === null ? {} : { signal }),
      hint: "Something in the task writes to file descriptor 4, which belongs to Batuta: see what it opens and closes.",
    };
  }
  if (HEAP_EXHAUSTED.test(stderrTail) && (signal !== null || code !== 0)) {
    return {
      reason: "out_of_memory",
      message: "The task process ran out of memory: its JavaScript heap is exhausted.",
      ...(signal === null ? {} : { signal }),
      stack: stderrTail.trim(),
      hint: "Work on the data in smaller parts, or leave large data to a database or a subprocess.",
    };
  }
  if (lastWord !== undefined) {
    return {
      reason: "process_exited",
      message: `The task ended its process with exit code ${lastWord.code} before it returned.`,
      exitCode: lastWord.code,
      hint: "Return from the task function, or throw an Error, in place of process.exit().",
    };
  }
  if (signal === "SIGKILL") {
    return {
      reason: "process_exited",
      message: "The task process was killed by SIGKILL from outside, most likely by the system for want of memory.",
      signal,
      hint: "See `dmesg` for the out-of-memory killer; use less memory, or run fewer tasks at a time.",
    };
  }
  const how = signal === null ? `ended with exit code ${code}` : `crashed with ${signal}`;
  return {
    reason: "process_exited",
    message: `The task process ${how} before the task returned.`,
    ...(code === null ? {} : { exitCode: code }),
    ...(signal === null ? {} : { signal }),
    ...(stderrTail.trim() === "" ? {} : { stack: stderrTail.trim() }),
  };
}

/** V8 writes it to stderr before it aborts. */
const HEAP_EXHAUSTED = /heap out of memory|Allocation failed - |invalid array length Allocation failed/;
