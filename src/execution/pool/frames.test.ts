import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, FRAME_KINDS, FrameReader } from "./frames.ts";

test("frames come out as they went in, however the bytes are cut", () => {
  const frame = fc.record({
    kind: fc.constantFrom(...Object.values(FRAME_KINDS)),
    payload: fc.oneof(fc.string({ unit: "binary" }), fc.constant(""), fc.string({ minLength: 300, maxLength: 400 })),
  });
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (frames, lengths) => {
      const bytes = Buffer.concat(frames.map(({ kind, payload }) => encodeFrame(kind, payload)));
      const seen: { kind: number; payload: string }[] = [];
      const reader = new FrameReader((kind, payload) => seen.push({ kind, payload: payload.toString() }));
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const length = lengths[turn % lengths.length] ?? 1;
        reader.push(bytes.subarray(at, at + length));
        at += length;
      }
      // A lone surrogate becomes a replacement character, as in every UTF-8 text.
      expect(seen).toEqual(frames.map(({ kind, payload }) => ({ kind, payload: Buffer.from(payload).toString() })));
    }),
  );
});

test("a frame of many chunks is put together once", () => {
  const large = Buffer.alloc(8 * 1024 * 1024, 7);
  const frame = encodeFrame(FRAME_KINDS.out, large);
  const payloads: Buffer[] = [];
  const reader = new FrameReader((_kind, payload) => payloads.push(payload));
  for (let at = 0; at < frame.length; at += 65_536) reader.push(frame.subarray(at, at + 65_536));
  expect(payloads).toHaveLength(1);
  expect(payloads[0]?.equals(large)).toBe(true);
});
