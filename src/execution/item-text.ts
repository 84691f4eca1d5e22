import type { BlobStore } from "./blobs.ts";
import type { ItemValue } from "./executor.ts";

/** The JSON text of the item that an attempt is for. */
export function itemText(item: ItemValue, blobs: BlobStore): string {
  switch (item.kind) {
    case "inline":
      return item.json;
    case "blob_part":
      return Buffer.from(blobs.part(item.hash, item.offset, item.bytes)).toString("utf8");
    case "in_blob":
      throw new Error(`Nobody has looked for item ${item.index} in ${item.hash}.`);
  }
}
