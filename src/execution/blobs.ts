import { join } from "node:path";
import { BatutaError } from "../core/problem.ts";
import { sha256Hex } from "../ports/digest.ts";
import type { Files } from "../ports/files.ts";

/** Values too large for the store, named by their content. */
export interface BlobStore {
  /** Keeps a text; putting an equal one again changes nothing. */
  put(text: string): Promise<BlobRef>;
  /** Throws `not_found` when it is not there, or is not what it was. */
  get(hash: string): Promise<string>;
  /** Bytes of it, fewer at its end; they are not checked. Throws `not_found` when it is not there. */
  part(hash: string, offset: number, bytes: number): Uint8Array;
}

export interface BlobRef {
  /** SHA-256 (hex) of the UTF-8 bytes. */
  readonly hash: string;
  readonly bytes: number;
}

/** Blobs as files: `<folder>/ab/abcdef…`, each written as a whole or not at all, and checked when read. */
export function localBlobs(folder: string, files: Files): BlobStore {
  const existingPath = (hash: string): string => {
    const path = pathOf(folder, hash);
    if (files.exists(path)) return path;
    throw new BatutaError("not_found", `The value ${hash} is not in ${folder}.`, {
      hint: "Run the task that made it again.",
    });
  };
  return {
    put: async (text) => {
      const data = Buffer.from(text);
      const blob = { hash: sha256Hex(data), bytes: data.length };
      const path = pathOf(folder, blob.hash);
      if (files.stat(path)?.bytes !== blob.bytes) files.writeAtomic(path, data);
      return blob;
    },
    get: async (hash) => {
      const path = existingPath(hash);
      const data = files.read(path);
      if (sha256Hex(data) !== hash) {
        throw new BatutaError("not_found", `The value in ${path} has changed since it was written.`, {
          hint: "Remove the file and run the task that made it again.",
        });
      }
      return Buffer.from(data.buffer, data.byteOffset, data.length).toString("utf8");
    },
    part: (hash, offset, bytes) => files.readPart(existingPath(hash), offset, bytes),
  };
}

/** Only a hash becomes a path. */
function pathOf(folder: string, hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new BatutaError("not_found", `${JSON.stringify(hash)} names no value.`);
  return join(folder, hash.slice(0, 2), hash);
}
