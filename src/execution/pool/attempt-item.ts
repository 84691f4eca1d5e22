import type { Json } from "../../core/json.ts";
import { parseJson } from "../../core/serialize-value.ts";
import type { BlobStore } from "../blobs.ts";
import type { TaskFacts } from "./messages.ts";

/** What a task run of a map is for; undefined without a map. */
export function attemptItem({ item }: TaskFacts, blobs: BlobStore): { readonly value: Json } | undefined {
  if (item === undefined || "value" in item) return item;
  const text = Buffer.from(blobs.part(item.blob, item.offset, item.bytes)).toString("utf8");
  return { value: parseJson(text) };
}
