import { depthOfPath } from "../core/map-path.ts";
import type { StoredValue } from "../core/value.ts";
import type { InputValue } from "../execution/executor.ts";
import type { Claim, Store, TaskRunRecord } from "../store/store.ts";
import type { CompiledRun } from "./compiled-versions.ts";
import { type FoundTaskRuns, findTaskRuns } from "./found-task-runs.ts";
import { mappedValue } from "./mapped-values.ts";
import { nameOfPlace, type SourcePlace, sourcePlace } from "./run-places.ts";

export type Inputs = Readonly<Record<string, InputValue>>;

/** Values held at the same time on their way from the store to the orders. */
const VALUE_BYTES_AT_ONCE = 16 * 1024 * 1024;

/**
 * Inputs of task runs of a pipeline with maps, in the order of the claims: the value of the own index within a map, the
 * one value there is from outside of it, and all of them from a map that is over (TR-15, DM-3).
 */
export async function upstreamValues(
  store: Pick<Store, "taskRunsAt" | "values">,
  compiled: CompiledRun,
  claims: readonly Claim[],
): Promise<readonly Inputs[]> {
  const wanted = claims.map((claim) => wantedBy(compiled, claim));
  const places = wanted.flatMap((inputs) => inputs.map(({ place }) => place));
  const found: FoundTaskRuns = places.length === 0 ? new Map() : await findTaskRuns(store, places);
  const single = wanted.flatMap((inputs) =>
    inputs.flatMap(({ place, levels }) => (levels === 0 ? (found.get(nameOfPlace(place))?.key ?? []) : [])),
  );
  const values = await allValues(store, [...new Set(single)]);
  return wanted.map((inputs) =>
    Object.fromEntries(
      inputs.map(({ name, place, levels }) => {
        const record = found.get(nameOfPlace(place));
        if (levels === 0) return [name, singleValue(record, values)];
        return [name, { state: "success", mapped: mappedValue(store, { place, levels }, record) }];
      }),
    ),
  );
}

interface WantedInput {
  readonly name: string;
  readonly place: SourcePlace;
  /** How many maps there are between this place and the values. */
  readonly levels: number;
}

function wantedBy(compiled: CompiledRun, { taskIndex, mapKey }: Claim): readonly WantedInput[] {
  const { pipeline, levels } = compiled;
  return Object.entries(pipeline.tasks[taskIndex]?.input ?? {}).map(([name, source]) => {
    const place = sourcePlace(compiled, source, { index: taskIndex, path: mapKey });
    return { name, place, levels: levels.depth(source) - depthOfPath(place.path) };
  });
}

/** A task that is not part of this run, and of no earlier one, counts as one that gave no value. */
function singleValue(record: TaskRunRecord | undefined, values: ReadonlyMap<number, StoredValue>): InputValue {
  const value = record === undefined ? undefined : values.get(record.key);
  const state = record?.state ?? "success";
  return value === undefined ? { state } : { state, value };
}

async function allValues(
  store: Pick<Store, "values">,
  keys: readonly number[],
): Promise<ReadonlyMap<number, StoredValue>> {
  const values = new Map<number, StoredValue>();
  for (let done = 0; done < keys.length; ) {
    const rest = keys.slice(done);
    const read = await store.values(rest, VALUE_BYTES_AT_ONCE);
    for (const [index, value] of read.entries()) {
      const key = rest[index];
      if (key !== undefined && value !== undefined) values.set(key, value);
    }
    done += read.length;
  }
  return values;
}
