import { formatBytes } from "../../core/bytes.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import { LineSplitter } from "./line-splitter.ts";
import { LogFile, type LogFileSettings } from "./log-file.ts";
import type { LogLevel, LogTag } from "./log-line.ts";

/** An unfinished line (a prompt, a row of dots) is shown after this time. */
const PARTIAL_LINE_MS = 200;
/** Of what is dropped at the limit, the last bytes are kept: the error stands at the end. */
const TAIL_BYTES = 64 * 1024;

/** Takes what an attempt prints and says. */
export interface AttemptLog {
  /** Bytes as they came from stdout or stderr. They must not change before the next turn of the event loop. */
  bytes(stream: "out" | "err", data: Uint8Array): void;
  /** What the task said with `log`, or Batuta about it. */
  line(tag: LogLevel | "batuta", text: string): void;
  close(): void;
}

/** Splits streams into lines, keeps the limit, and drops the middle of what is too much. */
export class FileAttemptLog implements AttemptLog {
  readonly #file: LogFile;
  readonly #clock: Clock;
  readonly #bytesMax: number;
  readonly #streams: { readonly out: LineSplitter; readonly err: LineSplitter };
  #partialTimer: Timer | undefined;
  #overflow: Overflow | undefined;

  constructor(path: string, settings: LogFileSettings) {
    this.#file = new LogFile(path, settings);
    this.#clock = settings.clock;
    this.#bytesMax = settings.bytesMax;
    this.#streams = { out: this.#splitter("out"), err: this.#splitter("err") };
  }

  bytes(stream: "out" | "err", data: Uint8Array): void {
    if (this.#overflow !== undefined) {
      this.#overflow.drop(stream, data);
      return;
    }
    const splitter = this.#streams[stream];
    splitter.push(data);
    // What follows the limit bypasses the splitters: what they hold back must not come after it.
    if (this.#overflow !== undefined) this.#flushPartialLines();
    else if (splitter.isPending)
      this.#partialTimer ??= this.#clock.after(PARTIAL_LINE_MS, () => this.#onPartialTimer());
  }

  line(tag: LogLevel | "batuta", text: string): void {
    for (const part of text.split("\n")) this.#add(tag, Buffer.from(part), false);
  }

  close(): void {
    this.#partialTimer?.cancel();
    this.#streams.out.end();
    this.#streams.err.end();
    if (this.#overflow !== undefined) this.#closeOverflow(this.#overflow);
    this.#file.close();
  }

  #onPartialTimer(): void {
    this.#partialTimer = undefined;
    this.#flushPartialLines();
  }

  #flushPartialLines(): void {
    this.#streams.out.flush();
    this.#streams.err.flush();
  }

  #splitter(stream: "out" | "err"): LineSplitter {
    return new LineSplitter((bytes, ended) => this.#add(stream, bytes, !ended));
  }

  #add(tag: LogTag, text: Uint8Array, continued: boolean): void {
    if (this.#overflow === undefined && this.#file.add(tag, text, continued)) return;
    this.#overflow ??= this.#openOverflow();
    this.#overflow.drop(tag, continued ? text : Buffer.concat([text, NEWLINE]));
  }

  #openOverflow(): Overflow {
    this.#file.note(`The limit of ${formatBytes(this.#bytesMax)} for one log is reached: what follows is dropped.`);
    return new Overflow();
  }

  #closeOverflow(overflow: Overflow): void {
    const { droppedBytes, tail } = overflow.end();
    this.#file.note(`${formatBytes(droppedBytes)} (${droppedBytes} bytes) were dropped; the end of the output:`);
    for (const { tag, data } of tail) {
      const splitter = new LineSplitter((bytes, ended) => this.#file.addLate(tag, bytes, !ended));
      splitter.push(data);
      splitter.end();
    }
  }
}

interface DroppedChunk {
  readonly tag: LogTag;
  readonly data: Uint8Array;
}

/** What came after the limit: counted, and the last of it kept. */
class Overflow {
  #chunks: DroppedChunk[] = [];
  #keptBytes = 0;
  #droppedBytes = 0;

  drop(tag: LogTag, data: Uint8Array): void {
    this.#chunks.push({ tag, data });
    this.#keptBytes += data.length;
    for (let first = this.#chunks[0]; first !== undefined; first = this.#chunks[0]) {
      if (this.#keptBytes - first.data.length < TAIL_BYTES) return;
      this.#chunks.shift();
      this.#keptBytes -= first.data.length;
      this.#droppedBytes += first.data.length;
    }
  }

  /** The tail holds neighbouring chunks of one stream joined, so that no line is cut where a chunk ended. */
  end(): { readonly droppedBytes: number; readonly tail: readonly DroppedChunk[] } {
    const tail: DroppedChunk[] = [];
    for (const { tag, data } of this.#chunks) {
      const last = tail.at(-1);
      if (last?.tag === tag) tail[tail.length - 1] = { tag, data: Buffer.concat([last.data, data]) };
      else tail.push({ tag, data });
    }
    return { droppedBytes: this.#droppedBytes, tail };
  }
}

const NEWLINE = Buffer.from("\n");
