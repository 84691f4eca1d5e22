import type { SourceLocation } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";

/**
 * Where the user called a function of the SDK. `hidden` is that function: its own frame is left out. One frame is
 * captured and no more, so that 10,000 tasks cost some 20 ms.
 */
export function callSite(hidden: (...args: never[]) => unknown): SourceLocation {
  const holder: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(holder, hidden);
  Error.stackTraceLimit = limit;
  return parseFrame(holder.stack ?? "");
}

/** A definition error at the place where the user made it. */
export function definitionError(message: string, location: SourceLocation, hint: string): BatutaError {
  return new BatutaError("invalid_definition", message, { location, hint });
}

const FRAME = /\(?([^\s()][^()]*?)(?:\?[^:()]*)?:(\d+):(\d+)\)?$/;

function parseFrame(stack: string): SourceLocation {
  const frame = stack.slice(stack.lastIndexOf("\n    at ") + 8).replace(/^async /, "");
  const match = FRAME.exec(frame.includes("(") ? frame.slice(frame.indexOf("(")) : frame);
  if (match?.[1] === undefined) return { file: "unknown", line: 1 };
  return { file: match[1], line: Number(match[2]), column: Number(match[3]) };
}
