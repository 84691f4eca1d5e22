import { join } from "node:path";
import { mayStartWithoutSuccess } from "../core/trigger-rule.ts";
import type { AppendFile, Files } from "../ports/files.ts";
import type { BlobStore } from "./blobs.ts";
import type { AttemptOrder, MappedEntry, MappedValue } from "./executor.ts";

/** Copied at once. */
const PIECE_BYTES = 1024 * 1024;

export interface MappedFileParts {
  /** Of the attempt. */
  readonly folder: string;
  readonly files: Files;
  readonly blobs: BlobStore;
}

/**
 * Writes what a map has given as lines that a task process reads one by one (pool/mapped-input.ts): one for each value,
 * and one before the values of a map in a map. Large values stay where they are.
 */
export async function writeMappedFile(name: string, mapped: MappedValue, parts: MappedFileParts): Promise<string> {
  const path = join(parts.folder, `input-${name}.entries`);
  await write(path, parts.files, async (file) => {
    for await (const portion of mapped.portions()) file.append(portion.map(entryLine).join(""));
  });
  return path;
}

function entryLine(entry: MappedEntry): string {
  if (entry.kind === "many") return `{"many":${entry.length}}\n`;
  const { state, value } = entry;
  if (value === undefined) return `{"state":"${state}"}\n`;
  return value.kind === "blob"
    ? `{"state":"${state}","blob":"${value.hash}"}\n`
    : `{"state":"${state}","value":${oneLine(value.json)}}\n`;
}

/**
 * Writes what a map has given for programs in any language: a JSON text a line, each the value of an item, or its
 * outcome where the task may start without success; of a map in a map, the list of its values.
 */
export async function writeJsonLines(
  name: string,
  mapped: MappedValue,
  { folder, files, blobs, order }: MappedFileParts & { readonly order: AttemptOrder },
): Promise<string> {
  const path = join(folder, `input-${name}.jsonl`);
  const outcomes = mayStartWithoutSuccess(order.task.when);
  await write(path, files, async (file) => {
    const lines = new JsonLines(file, blobs, outcomes);
    for await (const portion of mapped.portions()) for (const entry of portion) lines.add(entry);
  });
  return path;
}

class JsonLines {
  readonly #file: AppendFile;
  readonly #blobs: BlobStore;
  readonly #outcomes: boolean;
  /** Of the lists that are open, how many values are still to come. */
  readonly #open: number[] = [];

  constructor(file: AppendFile, blobs: BlobStore, outcomes: boolean) {
    this.#file = file;
    this.#blobs = blobs;
    this.#outcomes = outcomes;
  }

  add(entry: MappedEntry): void {
    if (entry.kind === "many") {
      this.#file.append("[");
      this.#open.push(entry.length);
      if (entry.length > 0) return;
    } else this.#addOne(entry);
    this.#end();
  }

  #addOne({ state, value }: Extract<MappedEntry, { kind: "one" }>): void {
    if (this.#outcomes) this.#file.append(`{"state":"${state}"`);
    if (!this.#outcomes || state === "success") {
      if (this.#outcomes) this.#file.append(',"value":');
      if (value?.kind === "blob") this.#copy(value.hash);
      else this.#file.append(value === undefined ? "null" : oneLine(value.json));
    }
    if (this.#outcomes) this.#file.append("}");
  }

  /** After a value: closes the lists that it was the last of. */
  #end(): void {
    let left = this.#open.pop();
    while (left !== undefined && left <= 1) {
      this.#file.append("]");
      left = this.#open.pop();
    }
    this.#file.append(left === undefined ? "\n" : ",");
    if (left !== undefined) this.#open.push(left - 1);
  }

  #copy(hash: string): void {
    for (let offset = 0; ; ) {
      const piece = this.#blobs.part(hash, offset, PIECE_BYTES);
      if (piece.length === 0) return;
      this.#file.append(piece);
      offset += piece.length;
    }
  }
}

/** JSON text may be spread over lines, outside of its strings alone. */
function oneLine(json: string): string {
  return /[\r\n]/.test(json) ? json.replaceAll(/[\r\n]/g, " ") : json;
}

/** The folder lives as long as the attempt: it need not survive a crash, so nothing waits for the disk. */
async function write(path: string, files: Files, append: (file: AppendFile) => Promise<void>): Promise<void> {
  files.remove(path);
  const file = files.openAppend(path);
  try {
    await append(file);
  } finally {
    file.close();
  }
}
