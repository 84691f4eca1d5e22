import { BatutaError } from "../core/problem.ts";
import type { BlobStore } from "../execution/blobs.ts";
import { sha256Hex } from "../ports/digest.ts";

/** Large values of one test, in memory. */
export function memoryBlobs(): BlobStore {
  const texts = new Map<string, string>();
  return {
    put: async (text) => {
      const hash = sha256Hex(text);
      texts.set(hash, text);
      return { hash, bytes: Buffer.byteLength(text) };
    },
    get: async (hash) => {
      const text = texts.get(hash);
      if (text === undefined) throw new BatutaError("not_found", `The value ${hash} is not in this test's memory.`);
      return text;
    },
  };
}
