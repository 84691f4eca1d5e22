import { outerPath, type Position } from "../core/map-path.ts";
import type { RunId } from "../store/store.ts";
import type { CompiledRun } from "./compiled-versions.ts";

/** A task run that another one takes something from, perhaps of an earlier run. */
export interface SourcePlace extends Position {
  readonly runId: RunId;
}

/**
 * Where a task run finds what another task has given: at its own indexes, as far as both stand in the same maps. A run
 * of some of the tasks takes values of the others from the run it borrows from.
 */
export function sourcePlace({ run, levels }: CompiledRun, source: number, reader: Position): SourcePlace {
  const { id, only, borrowsFrom } = run;
  const isBorrowed = only !== undefined && !only.includes(source) && borrowsFrom !== undefined;
  const path = outerPath(reader.path, levels.shared(source, reader.index));
  return { runId: isBorrowed ? borrowsFrom : id, index: source, path };
}

export function nameOfPlace({ runId, index, path }: SourcePlace): string {
  return `${runId}/${index}/${path}`;
}

export function uniquePlaces(places: readonly SourcePlace[]): readonly SourcePlace[] {
  return [...new Map(places.map((place) => [nameOfPlace(place), place])).values()];
}
