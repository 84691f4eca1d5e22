import { StringDecoder } from "node:string_decoder";

/** Cuts a stream of bytes into lines. A line that comes in many parts is joined once. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #parts: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    const [first = "", ...others] = this.#decoder.write(chunk).split("\n");
    this.#parts.push(first);
    for (const next of others) {
      this.#onLine(this.#parts.join(""));
      this.#parts = [next];
    }
  }
}
