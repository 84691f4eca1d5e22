/**
 * A number in [0, 1) that looks random and depends on the seed alone: equal on every machine and after every restart.
 * FNV-1a with MurmurHash3's finalizer, so that seeds which differ in their last digit alone end far apart.
 */
export function seededFraction(seed: string): number {
  let hash = 0x811c9dc5;
  for (let position = 0; position < seed.length; position++) {
    hash = Math.imul(hash ^ seed.charCodeAt(position), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
