/** A longer line is cut into pieces of this size, in bytes. */
const PIECE_BYTES_MAX = 64 * 1024;

const LF = 10;
const CR = 13;

/**
 * Takes a piece of a line; `ended` is false when more of the same line will follow. The bytes are valid during the
 * call and until the next turn of the event loop.
 */
export type OnPiece = (bytes: Uint8Array, ended: boolean) => void;

/**
 * Cuts a stream of bytes into lines as it arrives. `\n`, `\r\n` and a lone `\r` (a progress bar) end a line. Works on
 * bytes, so that nothing is lost where the text is no valid UTF-8, and never cuts a valid character in two.
 */
export class LineSplitter {
  readonly #onPiece: OnPiece;
  #pending: Uint8Array = new Uint8Array(0);
  /** The last line ended with a `\r` that was not waited for: a `\n` right after it belongs to the same end. */
  #skipLf = false;

  constructor(onPiece: OnPiece) {
    this.#onPiece = onPiece;
  }

  /** Something of an unfinished line is held back. */
  get isPending(): boolean {
    return this.#pending.length > 0;
  }

  push(data: Uint8Array): void {
    const fresh = this.#skipLf && data[0] === LF ? data.subarray(1) : data;
    if (data.length > 0) this.#skipLf = false;
    const bytes = this.#pending.length === 0 ? fresh : Buffer.concat([this.#pending, fresh]);
    const rest = this.#lines(bytes);
    // A copy: the chunk it is cut from belongs to the reader of the pipe.
    this.#pending = Uint8Array.from(this.#longPieces(rest, PIECE_BYTES_MAX, false));
  }

  /** Gives out what is held back of an unfinished line, but for a character that is still incomplete. */
  flush(): void {
    const pending = this.#pending;
    if (pending.at(-1) === CR) {
      this.#pending = new Uint8Array(0);
      this.#skipLf = true;
      this.#onPiece(pending.subarray(0, -1), true);
      return;
    }
    const complete = completeLength(pending);
    if (complete === 0) return;
    this.#pending = pending.slice(complete);
    this.#onPiece(pending.subarray(0, complete), false);
  }

  /** The stream is at its end. */
  end(): void {
    const pending = this.#pending;
    this.#pending = new Uint8Array(0);
    if (pending.length > 0) this.#onPiece(pending.at(-1) === CR ? pending.subarray(0, -1) : pending, true);
  }

  /** Gives out every whole line and returns what follows the last. */
  #lines(bytes: Uint8Array): Uint8Array {
    let start = 0;
    let lf = bytes.indexOf(LF);
    let cr = bytes.indexOf(CR);
    while (lf >= 0 || cr >= 0) {
      const end = cr >= 0 && (lf < 0 || cr < lf) ? cr : lf;
      // A `\r` at the very end may be the first half of `\r\n`.
      if (end === cr && end === bytes.length - 1) break;
      const line = this.#longPieces(bytes.subarray(start, end), PIECE_BYTES_MAX + 1, true);
      this.#onPiece(line, true);
      start = end === cr && bytes[end + 1] === LF ? end + 2 : end + 1;
      if (lf >= 0 && lf < start) lf = bytes.indexOf(LF, start);
      if (cr >= 0 && cr < start) cr = bytes.indexOf(CR, start);
    }
    return bytes.subarray(start);
  }

  /** Gives out pieces of full size while at least `from` bytes are left, and returns the rest. */
  #longPieces(bytes: Uint8Array, from: number, ended: boolean): Uint8Array {
    let rest = bytes;
    while (rest.length >= from) {
      const cut = completeLength(rest.subarray(0, PIECE_BYTES_MAX)) || PIECE_BYTES_MAX;
      if (ended && cut >= rest.length) break;
      this.#onPiece(rest.subarray(0, cut), false);
      rest = rest.subarray(cut);
    }
    return rest;
  }
}

/** Bytes up to the last character that is not cut off. What is no UTF-8 at all counts as complete. */
function completeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
