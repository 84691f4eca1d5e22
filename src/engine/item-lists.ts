import { JsonListScanner, type ListSlices } from "../core/json-list.ts";
import { lastItem } from "../core/map-path.ts";
import { innermostMap } from "../core/map-source.ts";
import type { ItemValue } from "../execution/executor.ts";
import type { Claim, Store } from "../store/store.ts";
import type { CompiledRun } from "./compiled-versions.ts";
import { findTaskRuns } from "./found-task-runs.ts";
import { nameOfPlace, type SourcePlace, sourcePlace } from "./run-places.ts";

/** Text of lists that are kept. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Finds the items that task runs of maps are for. A list is looked through once for all of them: what is kept of it is
 * named by the token of the attempt that gave it, so that a list made anew is read anew.
 */
export class ItemLists {
  readonly #store: Pick<Store, "taskRunsAt" | "values">;
  readonly #kept = new Map<string, ItemList>();
  #keptBytes = 0;

  constructor(store: Pick<Store, "taskRunsAt" | "values">) {
    this.#store = store;
  }

  /** The items of claims of one run, in their order; undefined without a map, and where the list is gone. */
  async of(compiled: CompiledRun, claims: readonly Claim[]): Promise<readonly (ItemValue | undefined)[]> {
    const sources = claims.map((claim) => sourceOf(compiled, claim));
    const places = sources.flatMap((source) => (source?.kind === "place" ? [source.place] : []));
    const lists = await this.#lists(places);
    return sources.map((source) => {
      if (source === undefined || source.kind === "value") return source?.value;
      return lists.get(nameOfPlace(source.place))?.(source.item);
    });
  }

  async #lists(places: readonly SourcePlace[]): Promise<ReadonlyMap<string, ItemList["itemAt"]>> {
    const lists = new Map<string, ItemList["itemAt"]>();
    if (places.length === 0) return lists;
    for (const [place, { key, token }] of await findTaskRuns(this.#store, places)) {
      const list = await this.#list(`${key}/${token}`, key);
      if (list !== undefined) lists.set(place, list.itemAt);
    }
    return lists;
  }

  async #list(name: string, taskRunKey: number): Promise<ItemList | undefined> {
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      this.#kept.delete(name);
      this.#kept.set(name, kept);
      return kept;
    }
    const [value] = await this.#store.values([taskRunKey], 0);
    if (value === undefined) return undefined;
    const list = value.kind === "inline" ? listIn(value.json) : listInBlob(value.hash);
    if (list !== undefined) this.#keep(name, list);
    return list;
  }

  /** The list used longest ago goes first. */
  #keep(name: string, list: ItemList): void {
    this.#kept.set(name, list);
    this.#keptBytes += list.bytes;
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#keptBytes <= KEPT_BYTES_MAX || oldest === name) return;
      this.#kept.delete(oldest);
      this.#keptBytes -= bytes;
    }
  }
}

interface ItemList {
  readonly bytes: number;
  readonly itemAt: (item: number) => ItemValue | undefined;
}

type Source =
  | { readonly kind: "value"; readonly value: ItemValue }
  | { readonly kind: "place"; readonly place: SourcePlace; readonly item: number };

function sourceOf(compiled: CompiledRun, { taskIndex, mapKey }: Claim): Source | undefined {
  const map = innermostMap(compiled.pipeline, taskIndex);
  const item = lastItem(mapKey);
  if (map === undefined || item === undefined) return undefined;
  if (map.over.kind === "items") {
    const value: unknown = Array.isArray(map.over.items) ? map.over.items[item] : undefined;
    return value === undefined ? undefined : { kind: "value", value: { kind: "inline", json: JSON.stringify(value) } };
  }
  return { kind: "place", place: sourcePlace(compiled, map.over.index, { index: taskIndex, path: mapKey }), item };
}

function listIn(json: string): ItemList | undefined {
  const bytes = Buffer.from(json);
  const scanner = new JsonListScanner();
  scanner.push(bytes);
  const slices = scanner.end();
  if (slices === undefined) return undefined;
  return { bytes: bytes.length + slices.length * BYTES_A_PLACE, itemAt: (item) => textAt(bytes, slices, item) };
}

/** Offsets of start and end. */
const BYTES_A_PLACE = 16;

function textAt(bytes: Buffer, slices: ListSlices, item: number): ItemValue | undefined {
  const slice = slices.sliceOf(item);
  return slice === undefined ? undefined : { kind: "inline", json: bytes.toString("utf8", slice.start, slice.end) };
}

/** A large list stays where it is: the executor finds the item in it. */
function listInBlob(hash: string): ItemList {
  return { bytes: hash.length, itemAt: (index) => ({ kind: "in_blob", hash, index }) };
}
