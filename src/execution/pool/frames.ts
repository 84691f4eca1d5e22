/**
 * What crosses the pipes between a task process and its owner: a length, a kind, and that many bytes. Output of the
 * task travels on the same pipe as its messages, so that both keep their order.
 */
export const FRAME_KINDS = { message: 0, out: 1, err: 2, log: 3 } as const;

export type FrameKind = (typeof FRAME_KINDS)[keyof typeof FRAME_KINDS];

/**
 * Nothing that either side has to say is longer: large values go to the blob store, and labels of items and lines of a
 * log are cut. Text that user code writes into the pipe looks like a longer frame.
 */
const PAYLOAD_BYTES_MAX = 128 * 1024 * 1024;

/** Payload length (4 bytes, little endian) and kind (1 byte). */
const HEADER_BYTES = 5;

export function encodeFrame(kind: FrameKind, payload: string | Uint8Array): Buffer {
  const length = typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.writeUInt32LE(length, 0);
  frame[4] = kind;
  if (typeof payload === "string") frame.write(payload, HEADER_BYTES);
  else frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Takes a frame. The payload is valid during the call and until the next turn of the event loop. */
export type OnFrame = (kind: number, payload: Buffer) => void;

/**
 * Puts frames together again, however the bytes arrive; a frame that spans many chunks is copied once. Throws on what
 * cannot be a frame: user code has written into the pipe.
 */
export class FrameReader {
  readonly #onFrame: OnFrame;
  #chunks: Buffer[] = [];
  #have = 0;
  #need = HEADER_BYTES;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.#have += chunk.length;
    if (this.#have < this.#need) {
      this.#chunks.push(chunk);
      return;
    }
    const bytes = this.#chunks.length === 0 ? chunk : Buffer.concat([...this.#chunks, chunk]);
    let at = 0;
    let end = frameEnd(bytes, at);
    while (end <= bytes.length) {
      this.#onFrame(bytes[at + 4] ?? 0, bytes.subarray(at + HEADER_BYTES, end));
      at = end;
      end = frameEnd(bytes, at);
    }
    this.#have = bytes.length - at;
    this.#need = end - at;
    this.#chunks = this.#have === 0 ? [] : [bytes.subarray(at)];
  }
}

/** Where the frame at `at` ends; the end of its header while that is not here yet. */
function frameEnd(bytes: Buffer, at: number): number {
  const header = at + HEADER_BYTES;
  if (header > bytes.length) return header;
  const length = bytes.readUInt32LE(at);
  if (length > PAYLOAD_BYTES_MAX) throw new RangeError(`A frame of ${length} bytes is longer than any can be.`);
  return header + length;
}
