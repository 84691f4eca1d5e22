import type { Instant } from "./instant.ts";

/** What something looked like, and since when it has. */
export interface Unchanged {
  readonly print: string;
  readonly since: Instant;
}

/** Since when it looks as it does now: what has changed begins anew, and so does a clock that was set back. */
export function unchangedSince(before: Unchanged | undefined, print: string, now: Instant): Unchanged {
  return before !== undefined && before.print === print && before.since <= now ? before : { print, since: now };
}
