import { type DataInterval, type Instant, instantText } from "../instant.ts";
import { isRunFinished, type RunState } from "../state.ts";

/** A run of another pipeline, for an interval that meets the one asked about. */
export interface IntervalRun extends DataInterval {
  readonly id: string;
  readonly state: RunState;
}

export type IntervalCover =
  | { readonly kind: "done"; readonly runs: readonly string[] }
  | { readonly kind: "not_yet"; readonly seen: string };

/**
 * Whether another pipeline is done for an interval: its runs that have succeeded cover all of it, be it one of the same
 * length, a longer one around it or several shorter ones. Of an interval its newest run counts alone. Where intervals
 * are moments, of pipelines without a schedule, the newest run counts.
 *
 * @param newestFirst at least those whose intervals meet `wanted`
 */
export function intervalCover(wanted: DataInterval, newestFirst: readonly IntervalRun[]): IntervalCover {
  const newest = newestOfEach(newestFirst.filter((run) => meets(wanted, run)));
  const lengthy = newest.filter(({ start, end }) => end > start);
  const counted = wanted.end > wanted.start && lengthy.length > 0 ? lengthy : newest.slice(0, 1);
  const open = counted.find(({ state }) => state !== "success");
  if (counted.length === 0) return { kind: "not_yet", seen: `no run yet for ${intervalText(wanted)}` };
  if (open !== undefined) return { kind: "not_yet", seen: `run ${open.id} ${stateText(open.state)}` };
  const gap = counted === lengthy ? firstGap(wanted, lengthy) : undefined;
  if (gap !== undefined) return { kind: "not_yet", seen: `no run yet from ${new Date(gap).toISOString()} on` };
  return { kind: "done", runs: counted.map(({ id }) => id) };
}

/** A moment meets what it stands at the edge of; what has a length meets another by more than its edge. */
function meets(one: DataInterval, other: DataInterval): boolean {
  const areLengthy = one.end > one.start && other.end > other.start;
  if (areLengthy) return other.start < one.end && other.end > one.start;
  return other.start <= one.end && other.end >= one.start;
}

function newestOfEach(newestFirst: readonly IntervalRun[]): readonly IntervalRun[] {
  const found = new Map<string, IntervalRun>();
  for (const run of newestFirst) {
    const name = `${run.start} ${run.end}`;
    if (!found.has(name)) found.set(name, run);
  }
  return [...found.values()];
}

/** Where the first moment is that none of these covers. */
function firstGap({ start, end }: DataInterval, runs: readonly DataInterval[]): Instant | undefined {
  let covered = start;
  for (const run of [...runs].sort((one, other) => one.start - other.start)) {
    if (run.start > covered) break;
    covered = Math.max(covered, run.end);
  }
  return covered < end ? covered : undefined;
}

function intervalText({ start, end }: DataInterval): string {
  return start === end ? instantText(start) : `${instantText(start)}/${instantText(end)}`;
}

function stateText(state: RunState): string {
  return isRunFinished(state) ? `has ended as ${state}` : `is ${state}`;
}
