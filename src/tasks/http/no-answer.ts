import { formatDuration } from "../../core/duration.ts";

/** Why there was no answer at all: `fetch` itself says no more than "fetch failed". */
export function noAnswer(error: unknown, what: string, timeoutMs: number): Error {
  const named = error instanceof Error ? error : new Error(String(error));
  const why = named.cause instanceof Error ? named.cause.message || named.message : named.message;
  const message = named.name === "TimeoutError" ? `no answer within ${formatDuration(timeoutMs)}` : why;
  return new Error(`${what}: ${message}`, { cause: error });
}
