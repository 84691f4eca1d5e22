/** Where the items of a JSON list stand in its text: of each, the offset of its first byte and of the byte after it. */
export interface ListSlices {
  readonly length: number;
  sliceOf(index: number): { readonly start: number; readonly end: number } | undefined;
}

/**
 * Finds the items of a JSON list without parsing them, however its bytes arrive: a list of any size can be looked
 * through piece by piece. The text is taken to be JSON; whatever is no list has no items.
 */
export class JsonListScanner {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #offset = 0;
  /** Brackets and braces that are open. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  #kind: "unknown" | "list" | "other" = "unknown";
  /** An item has begun, and has not ended. */
  #inItem = false;

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at++) {
      if (this.#inString) at = this.#skipString(bytes, at);
      else this.#see(bytes[at] ?? 0, this.#offset + at);
    }
    this.#offset += bytes.length;
  }

  /** Undefined when the text was no list. */
  end(): ListSlices | undefined {
    if (this.#kind !== "list") return undefined;
    // Half the memory of the lists that grew, for as long as somebody keeps it.
    const starts = Float64Array.from(this.#starts);
    const ends = Float64Array.from(this.#ends);
    return {
      length: ends.length,
      sliceOf: (index) => {
        const [start, end] = [starts[index], ends[index]];
        return start === undefined || end === undefined ? undefined : { start, end };
      },
    };
  }

  /** Gives the position at which the string, or what is here of it, ends. */
  #skipString(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        return at;
      }
    }
    return bytes.length;
  }

  #see(byte: number, offset: number): void {
    if (byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB) return;
    if (this.#kind === "unknown") {
      this.#kind = byte === OPEN_LIST ? "list" : "other";
      this.#depth = 1;
      return;
    }
    if (this.#kind === "other") return;
    if (this.#depth === 1 && (byte === COMMA || byte === CLOSE_LIST)) {
      this.#endItem(offset);
      if (byte === CLOSE_LIST) this.#depth = 0;
      return;
    }
    if (this.#depth === 1 && !this.#inItem) this.#beginItem(offset);
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#depth += 1;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#depth -= 1;
  }

  #beginItem(offset: number): void {
    this.#inItem = true;
    this.#starts.push(offset);
  }

  #endItem(offset: number): void {
    if (this.#inItem) this.#ends.push(offset);
    this.#inItem = false;
  }
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
