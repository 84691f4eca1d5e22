import { FRAME_KINDS, type FrameKind } from "./frames.ts";

const CHUNK_BYTES_MAX = 64 * 1024;

/**
 * Sends what JavaScript prints (`console`, `process.stdout.write`) through the channel to the parent, where it keeps its
 * order with the log and the report. What native code or child processes print still comes through fd 1 and 2.
 */
export function captureOutput(send: (kind: FrameKind, bytes: Uint8Array) => void): void {
  capture(process.stdout, (bytes) => send(FRAME_KINDS.out, bytes));
  capture(process.stderr, (bytes) => send(FRAME_KINDS.err, bytes));
}

function capture(stream: NodeJS.WriteStream, send: (bytes: Uint8Array) => void): void {
  const write = (chunk: unknown, encodingOrCallback?: unknown, callback?: unknown): boolean => {
    const bytes = bytesOf(chunk, encodingOrCallback);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES_MAX) send(bytes.subarray(at, at + CHUNK_BYTES_MAX));
    const done = typeof encodingOrCallback === "function" ? encodingOrCallback : callback;
    if (typeof done === "function") queueMicrotask(() => done());
    return true;
  };
  Object.defineProperty(stream, "write", { value: write, configurable: true, writable: true });
}

function bytesOf(chunk: unknown, encoding: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") {
    return Buffer.from(chunk, typeof encoding === "string" && Buffer.isEncoding(encoding) ? encoding : "utf8");
  }
  throw new TypeError("Only text and bytes can be written to an output stream.");
}
