import type { Mapped } from "../../core/mapped.ts";
import { parseJson } from "../../core/serialize-value.ts";
import type { Files } from "../../ports/files.ts";
import type { BlobStore } from "../blobs.ts";
import type { InputFact } from "./messages.ts";

/** Read at once. */
const PIECE_BYTES = 256 * 1024;

export interface MappedInputParts {
  /** As `writeMappedFile` writes it. */
  readonly file: string;
  readonly files: Files;
  readonly blobs: BlobStore;
  /** What the task sees of a value, or of a task run that gave none. */
  readonly shaped: (fact: InputFact) => unknown;
}

/** What a map has given, read from a file line by line, as often as somebody asks. */
export class MappedInput implements Mapped<unknown> {
  readonly length: number;
  readonly #parts: MappedInputParts;
  readonly #offset: number;

  constructor(length: number, parts: MappedInputParts, offset = 0) {
    this.length = length;
    this.#parts = parts;
    this.#offset = offset;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    const { file, files, shaped } = this.#parts;
    const lines = new Lines(file, this.#offset, files);
    for (let index = 0; index < this.length; index++) {
      const fact = lines.next();
      if ("many" in fact) {
        yield new MappedInput(fact.many, this.#parts, lines.offset);
        skip(lines, fact.many);
      } else yield shaped(await this.#withValue(fact));
    }
  }

  async toArray(): Promise<unknown[]> {
    return Array.fromAsync(this);
  }

  async #withValue({ state, value, blob }: InputFact): Promise<InputFact> {
    if (blob !== undefined) return { state, value: parseJson(await this.#parts.blobs.get(blob)) };
    return { state, ...(value === undefined ? {} : { value }) };
  }
}

type Entry = InputFact | { readonly many: number };

function skip(lines: Lines, count: number): void {
  for (let left = count; left > 0; left--) {
    const entry = lines.next();
    if ("many" in entry) left += entry.many;
  }
}

class Lines {
  /** Where the next line begins. */
  offset: number;
  readonly #path: string;
  readonly #files: Files;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(path: string, offset: number, files: Files) {
    this.#path = path;
    this.offset = offset;
    this.#files = files;
  }

  next(): Entry {
    const line = this.#line();
    return parseJson(line) as unknown as Entry;
  }

  #line(): string {
    for (;;) {
      const end = this.#bytes.indexOf(NEWLINE);
      if (end >= 0) {
        const line = this.#bytes.toString("utf8", 0, end);
        this.#bytes = this.#bytes.subarray(end + 1);
        this.offset += end + 1;
        return line;
      }
      const more = this.#files.readPart(this.#path, this.offset + this.#bytes.length, this.#bytes.length + PIECE_BYTES);
      if (more.length === 0) throw new Error(`${this.#path} ends before all values have been read.`);
      this.#bytes = Buffer.concat([this.#bytes, more]);
    }
  }
}

const NEWLINE = 0x0a;
