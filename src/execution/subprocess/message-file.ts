import type { Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";

/** Read in one go; between two goes the engine does its other work. */
const SLICE_BYTES = 1024 * 1024;

/** A line that is too long to be read here: where it stands. */
export interface LongLine {
  readonly offset: number;
  readonly bytes: number;
  /** Its first and its last bytes, in which its type stands. */
  readonly ends: string;
}

export interface MessageFileEvents {
  readonly onLine: (line: string) => void;
  readonly onLongLine: (line: LongLine) => void;
}

export interface MessageFileParts {
  readonly path: string;
  readonly files: Files;
  readonly clock: Clock;
  /** A longer line is not held in memory. */
  readonly lineBytesMax: number;
  readonly events: MessageFileEvents;
}

const END_BYTES = 256;
const LF = 10;
const NOTHING = new Uint8Array(0);

/**
 * Follows a file to which another process appends lines. Reads when asked, in slices, so that a flood of messages never
 * holds up the engine, and keeps at most one line in memory.
 */
export class MessageFile {
  readonly #parts: MessageFileParts;
  #offset = 0;
  /** The beginning of a line whose end is not here yet; only its first bytes once it is too long. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #reading: Promise<void> | undefined;

  constructor(parts: MessageFileParts) {
    this.#parts = parts;
  }

  /** Reads what has been written since. */
  poll(): void {
    void this.#read();
  }

  /** The process has ended: reads the rest, the last line also when its end is missing. */
  async finish(): Promise<void> {
    await this.#reading;
    await this.#read();
    if (this.#pendingBytes > 0) this.#endLine();
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readSlices().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readSlices(): Promise<void> {
    const { clock } = this.#parts;
    for (let slice = this.#nextSlice(); slice.length > 0; slice = this.#nextSlice()) {
      this.#offset += slice.length;
      this.#take(slice);
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
  }

  /** A program that takes its own file away has nothing more to say. */
  #nextSlice(): Uint8Array {
    const { path, files } = this.#parts;
    try {
      const bytes = files.stat(path)?.bytes ?? 0;
      return bytes > this.#offset ? files.readPart(path, this.#offset, SLICE_BYTES) : NOTHING;
    } catch {
      return NOTHING;
    }
  }

  #take(slice: Uint8Array): void {
    let start = 0;
    for (let end = slice.indexOf(LF); end >= 0; end = slice.indexOf(LF, start)) {
      this.#hold(slice.subarray(start, end));
      this.#endLine(slice.length - end);
      start = end + 1;
    }
    this.#hold(slice.subarray(start));
  }

  #hold(bytes: Uint8Array): void {
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes <= this.#parts.lineBytesMax) {
      this.#pending.push(bytes);
      return;
    }
    // Of a long line only its two ends are kept.
    const kept = Buffer.concat([...this.#pending, bytes]);
    this.#pending = [kept.subarray(0, END_BYTES), kept.subarray(-END_BYTES)];
  }

  /** @param bytesAfter bytes of the current slice from the line end on */
  #endLine(bytesAfter = 0): void {
    const { lineBytesMax, events } = this.#parts;
    const bytes = this.#pendingBytes;
    const text = Buffer.concat(this.#pending).toString("utf8");
    this.#pending = [];
    this.#pendingBytes = 0;
    if (bytes > lineBytesMax) events.onLongLine({ offset: this.#offset - bytesAfter - bytes, bytes, ends: text });
    else if (text.trim() !== "") events.onLine(text);
  }
}
