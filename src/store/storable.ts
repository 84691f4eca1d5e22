import type { Failure } from "../core/failure.ts";

/** A failure as JSON text, cut to what a row should hold: user code may throw a sentence of a gigabyte. */
export function storableFailure(failure: Failure): string {
  const { message, stack, hint } = failure;
  return JSON.stringify({
    ...failure,
    message: cut(message, MESSAGE_LENGTH_MAX),
    ...(stack === undefined ? {} : { stack: cut(stack, STACK_LENGTH_MAX) }),
    ...(hint === undefined ? {} : { hint: cut(hint, MESSAGE_LENGTH_MAX) }),
  });
}

/** Text for a column: PostgreSQL refuses the character NUL. */
export function storableReason(reason: string): string {
  return cut(reason, REASON_LENGTH_MAX).replaceAll("\0", "\u{fffd}").toWellFormed();
}

/** The sentence that goes into an event. */
export function eventMessage(failure: Failure): string {
  return cut(failure.message, REASON_LENGTH_MAX);
}

function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;
}

/** In UTF-16 units. */
const MESSAGE_LENGTH_MAX = 8_192;
const STACK_LENGTH_MAX = 32_768;
const REASON_LENGTH_MAX = 1_024;
