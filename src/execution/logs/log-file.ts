import { formatBytes } from "../../core/bytes.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AppendFile, Files } from "../../ports/files.ts";
import { type LogTag, linePrefix } from "./log-line.ts";

/** Lines that arrive in one turn of the event loop go out in one write, at most this large. */
const BATCH_BYTES_MAX = 256 * 1024;
/** After a failed write, for instance to a full disk, the next one is tried this much later. */
const RETRY_MS = 1_000;

export interface LogFileSettings {
  readonly files: Files;
  readonly clock: Clock;
  readonly bytesMax: number;
  /** Told once when nothing can be written: the attempt goes on, its log has a gap. */
  readonly onProblem: (problem: LogProblem) => void;
}

export interface LogProblem {
  readonly path: string;
  /** `ENOSPC`, `EACCES`, … */
  readonly code: string;
  readonly message: string;
}

/**
 * The file of one attempt's log. Made with its first line; every line is handed to the operating system within the
 * same turn of the event loop, so a killed engine loses none. Owns the limit and the gaps; knows nothing of streams.
 */
export class LogFile {
  readonly #path: string;
  readonly #settings: LogFileSettings;
  #file: AppendFile | undefined;
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #written = 0;
  #lostBytes = 0;
  #retryAt = 0;
  #problem: LogProblem | undefined;

  constructor(path: string, settings: LogFileSettings) {
    this.#path = path;
    this.#settings = settings;
  }

  /** False when the limit leaves no room for the line, which is then not added. */
  add(tag: LogTag, text: Uint8Array, continued = false): boolean {
    const prefix = Buffer.from(linePrefix(this.#settings.clock.wall(), tag, continued), "latin1");
    const bytes = prefix.length + text.length + 1;
    if (this.#written + this.#batchBytes + bytes > this.#settings.bytesMax) return false;
    this.#put([prefix, text, NEWLINE], bytes);
    return true;
  }

  /** A line of Batuta's own, outside the limit. */
  note(text: string): void {
    const line = Buffer.from(`${linePrefix(this.#settings.clock.wall(), "batuta", false)}${text}\n`);
    this.#put([line], line.length);
  }

  /** A line that was kept back when the limit was reached. */
  addLate(tag: LogTag, text: Uint8Array, continued: boolean): void {
    const prefix = Buffer.from(linePrefix(this.#settings.clock.wall(), tag, continued), "latin1");
    this.#put([prefix, text, NEWLINE], prefix.length + text.length + 1);
  }

  close(): void {
    this.#retryAt = 0;
    this.#flush();
    if (this.#lostBytes > 0) this.#write(Buffer.alloc(0));
    this.#file?.close();
    this.#file = undefined;
  }

  #put(parts: readonly Uint8Array[], bytes: number): void {
    if (this.#batch.length === 0) this.#settings.clock.soon(() => this.#flush());
    this.#batch.push(...parts);
    this.#batchBytes += bytes;
    if (this.#batchBytes >= BATCH_BYTES_MAX) this.#flush();
  }

  #flush(): void {
    if (this.#batchBytes === 0) return;
    const data = Buffer.concat(this.#batch);
    this.#batch = [];
    this.#batchBytes = 0;
    this.#write(data);
  }

  #write(data: Uint8Array): void {
    if (this.#lostBytes > 0 && this.#settings.clock.mono() < this.#retryAt) {
      this.#lostBytes += data.length;
      return;
    }
    try {
      this.#file ??= this.#settings.files.openAppend(this.#path);
      this.#file.append(this.#lostBytes > 0 ? Buffer.concat([this.#gapNotice(), data]) : data);
      this.#written += data.length;
      this.#lostBytes = 0;
    } catch (error) {
      this.#lostBytes += data.length;
      this.#retryAt = this.#settings.clock.mono() + RETRY_MS;
      this.#tellOnce(error);
    }
  }

  /** Begins with a line end: the write that failed may have left half a line. */
  #gapNotice(): Uint8Array {
    const prefix = linePrefix(this.#settings.clock.wall(), "batuta", false);
    const lost = formatBytes(this.#lostBytes);
    return Buffer.from(`\n${prefix}${lost} of this log could not be written here: ${this.#problem?.message}\n`);
  }

  #tellOnce(error: unknown): void {
    if (this.#problem !== undefined) return;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const message = error instanceof Error ? error.message : String(error);
    this.#problem = { path: this.#path, code, message };
    this.#settings.onProblem(this.#problem);
  }
}

const NEWLINE = Buffer.from("\n");
