import type { UpstreamCounts } from "../core/trigger-rule.ts";

/** The counts alone, of a row that holds more. */
export function countColumns(counts: UpstreamCounts): UpstreamCounts {
  const { total, success, failed, upstreamFailed, skipped, gates, shut } = counts;
  return { total, success, failed, upstreamFailed, skipped, gates, shut };
}

export function sameCounts(one: UpstreamCounts, other: UpstreamCounts): boolean {
  return (
    one.total === other.total &&
    one.success === other.success &&
    one.failed === other.failed &&
    one.upstreamFailed === other.upstreamFailed &&
    one.skipped === other.skipped &&
    one.gates === other.gates &&
    one.shut === other.shut
  );
}
