import { BatutaError } from "../core/problem.ts";
import type { BlobStore } from "../execution/blobs.ts";
import { sha256Hex } from "../ports/digest.ts";

/** Large values of one test, in memory. */
export function memoryBlobs(): BlobStore {
  const kept = new Map<string, Buffer>();
  const find = (hash: string): Buffer => {
    const data = kept.get(hash);
    if (data === undefined) throw new BatutaError("not_found", `The value ${hash} is not in this test's memory.`);
    return data;
  };
  return {
    put: async (text) => {
      const data = Buffer.from(text);
      const hash = sha256Hex(data);
      kept.set(hash, data);
      return { hash, bytes: data.length };
    },
    get: async (hash) => find(hash).toString("utf8"),
    part: (hash, offset, bytes) => find(hash).subarray(offset, offset + bytes),
  };
}
