import { itemPath } from "../core/map-path.ts";
import type { MappedEntry, MappedValue } from "../execution/executor.ts";
import type { Store, TaskRunRecord } from "../store/store.ts";
import type { SourcePlace } from "./run-places.ts";

type Facts = Pick<Store, "taskRunsAt" | "values">;

/** Task runs looked up at once. */
const ITEMS_AT_ONCE = 1_000;
/** Values read at once. */
const BYTES_AT_ONCE = 4 * 1024 * 1024;

export interface MappedPlace {
  readonly place: SourcePlace;
  /** How many maps there are between this place and the values; at least one. */
  readonly levels: number;
}

/** All that a map has given, read from the store in portions: the engine never holds more than one of them. */
export function mappedValue(store: Facts, mapped: MappedPlace, header: TaskRunRecord | undefined): MappedValue {
  return { length: lengthOf(header), portions: () => portionsOf(store, mapped, header) };
}

/** What could not be expanded stands for itself: one outcome, as it counts for trigger rules. None without items. */
function lengthOf(header: TaskRunRecord | undefined): number {
  if (header === undefined || header.state === "skipped") return 0;
  return header.state === "success" ? (header.decision?.mapped ?? 0) : 1;
}

async function* portionsOf(
  store: Facts,
  { place, levels }: MappedPlace,
  header: TaskRunRecord | undefined,
): AsyncGenerator<readonly MappedEntry[]> {
  if (header === undefined || header.state === "skipped") return;
  if (header.state !== "success") {
    yield [{ kind: "one", state: header.state }];
    return;
  }
  const count = lengthOf(header);
  for (let from = 0; from < count; from += ITEMS_AT_ONCE) {
    const items = await itemsAt(store, place, { from, to: Math.min(from + ITEMS_AT_ONCE, count) });
    yield* levels === 1 ? valuesOf(store, items) : innerPortions(store, { place, levels }, items);
  }
}

async function* innerPortions(
  store: Facts,
  { place, levels }: MappedPlace,
  items: readonly Item[],
): AsyncGenerator<readonly MappedEntry[]> {
  for (const { path, record } of items) {
    yield [{ kind: "many", length: lengthOf(record) }];
    yield* portionsOf(store, { place: { ...place, path }, levels: levels - 1 }, record);
  }
}

async function* valuesOf(store: Facts, items: readonly Item[]): AsyncGenerator<readonly MappedEntry[]> {
  for (let done = 0; done < items.length; ) {
    const rest = items.slice(done);
    const values = await store.values(
      rest.map(({ record }) => record?.key ?? NO_KEY),
      BYTES_AT_ONCE,
    );
    yield values.map((value, index) => {
      const state = rest[index]?.record?.state ?? "removed";
      return { kind: "one", state, ...(value === undefined ? {} : { value }) };
    });
    done += values.length;
  }
}

interface Item {
  readonly path: string;
  readonly record: TaskRunRecord | undefined;
}

const NO_KEY = 0;

async function itemsAt(
  store: Facts,
  { runId, index, path }: SourcePlace,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly Item[]> {
  const paths = Array.from({ length: to - from }, (_, offset) => itemPath(path, from + offset));
  const records = await store.taskRunsAt(
    runId,
    paths.map((item) => ({ index, path: item })),
  );
  const byPath = new Map(records.map((record) => [record.mapKey, record]));
  return paths.map((item) => ({ path: item, record: byPath.get(item) }));
}
