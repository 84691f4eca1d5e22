import type { Instant } from "./instant.ts";

const PREFIX = "cache";

/** Where a result that was taken from the cache comes from. */
export interface CacheOrigin {
  readonly runId: string;
  readonly at: Instant;
}

/** The reason recorded with a success that was taken from the cache: `cache: 0197a0c0-… 2026-01-02T03:04:05.000Z`. */
export function cacheReason({ runId, at }: CacheOrigin): string {
  return `${PREFIX}: ${runId} ${new Date(at).toISOString()}`;
}

/** The origin that such a reason names; undefined when it is none. */
export function cacheOriginOf(reason: string | undefined): CacheOrigin | undefined {
  if (reason?.startsWith(`${PREFIX}: `) !== true) return undefined;
  const [runId = "", time = ""] = reason.slice(PREFIX.length + 2).split(" ");
  return { runId, at: Date.parse(time) };
}
