import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";

/** Randomness comes in from outside, so that a seed replays everything. */
export interface Random {
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
}

export const systemRandom: Random = { bytes: (count) => randomBytes(count) };

/** A repeatable stream (SplitMix64-like over 32-bit halves): equal seeds give equal bytes. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return { bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff) };
}

/** Bytes that depend on the text alone: equal texts give equal bytes, at most 32. */
export function hashedRandom(text: string): Random {
  const bytes = createHash("sha256").update(text).digest();
  return { bytes: (count) => Uint8Array.from(bytes.subarray(0, count)) };
}

/** UUID version 7 (RFC 9562): sorts by time of creation. */
export function uuidv7(clock: Pick<Clock, "wall">, random: Random): string {
  const bytes = random.bytes(16);
  const time = BigInt(clock.wall());
  for (let index = 0; index < 6; index++) bytes[index] = Number((time >> BigInt(8 * (5 - index))) & 0xffn);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
