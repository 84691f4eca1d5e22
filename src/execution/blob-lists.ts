import { JsonListScanner, type ListSlices } from "../core/json-list.ts";
import { BatutaError } from "../core/problem.ts";
import type { Clock } from "../ports/clock.ts";
import type { BlobStore } from "./blobs.ts";
import type { ItemValue } from "./executor.ts";

/** Read at once; the event loop has its turn in between. */
const PIECE_BYTES = 1024 * 1024;
/** Lists whose places are kept: for a million items that is 16 MB. */
const LISTS_MAX = 8;

/** Finds items in lists that are kept as blobs. Each list is looked through once, and never held as a whole. */
export class BlobLists {
  readonly #blobs: BlobStore;
  readonly #clock: Pick<Clock, "soon">;
  readonly #lists = new Map<string, Promise<ListSlices | undefined>>();

  constructor(blobs: BlobStore, clock: Pick<Clock, "soon">) {
    this.#blobs = blobs;
    this.#clock = clock;
  }

  /** Throws `not_found` when the blob is gone, or has no such item. */
  async find({ hash, index }: Extract<ItemValue, { kind: "in_blob" }>): Promise<ItemValue> {
    const slice = (await this.#list(hash))?.sliceOf(index);
    if (slice === undefined) throw new BatutaError("not_found", `The list ${hash} has no item ${index}.`);
    return { kind: "blob_part", hash, offset: slice.start, bytes: slice.end - slice.start };
  }

  #list(hash: string): Promise<ListSlices | undefined> {
    const known = this.#lists.get(hash);
    const list = known ?? this.#scan(hash);
    this.#lists.delete(hash);
    this.#lists.set(hash, list);
    // What has failed may be tried again.
    if (known === undefined) list.catch(() => this.#lists.delete(hash));
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size <= LISTS_MAX) break;
      this.#lists.delete(oldest);
    }
    return list;
  }

  async #scan(hash: string): Promise<ListSlices | undefined> {
    const scanner = new JsonListScanner();
    for (let offset = 0; ; ) {
      const piece = this.#blobs.part(hash, offset, PIECE_BYTES);
      if (piece.length === 0) return scanner.end();
      scanner.push(piece);
      offset += piece.length;
      await new Promise<void>((resolve) => this.#clock.soon(resolve));
    }
  }
}
