import type { RetryPolicy } from "../../core/retry-policy.ts";

/** `4: 30s, ×2, at most 10m`; nothing when a failure is final. */
export function retriesText({ limit, delay }: RetryPolicy): string {
  if (limit === 0) return "";
  switch (delay.kind) {
    case "fixed":
      return `${limit}: after ${shortDuration(delay.ms)}`;
    case "list":
      return `${limit}: after ${delay.ms.map(shortDuration).join(", ")}`;
    case "exponential": {
      const cap = delay.maxMs === undefined ? "" : `, at most ${shortDuration(delay.maxMs)}`;
      return `${limit}: after ${shortDuration(delay.firstMs)}, ×${delay.factor}${cap}`;
    }
  }
}

/** A length of time as the user may have written it: `500ms`, `30s`, `15m`, `1.5s`. */
export function shortDuration(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
  ] as const;
  for (const [name, length] of units) if (ms >= length && ms % length === 0) return `${ms / length}${name}`;
  return ms < 1_000 ? `${ms}ms` : `${ms / 1_000}s`;
}
