import { BatutaError } from "./problem.ts";

const UNIT_BYTES = new Map([
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["tb", 1e12],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
]);

const SIZE = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i;
const SHOWN_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/**
 * Bytes of a size: `"512 MiB"`, `"1.5GiB"`, `"200 MB"` (millions), or a number of bytes. Throws `invalid_definition` on
 * anything else, also on a bare `"512M"`, which could mean either; `what` names the setting in the error.
 */
export function parseBytes(size: string | number, what = "size"): number {
  const bytes = typeof size === "number" ? size : sizeOf(size);
  if (bytes !== undefined && Number.isFinite(bytes) && bytes >= 0) return Math.round(bytes);
  throw new BatutaError(
    "invalid_definition",
    `The ${what} ${typeof size === "string" ? JSON.stringify(size) : String(size)} is not a number of bytes.`,
    { hint: 'Write it like "512 MiB" or "2 GiB" (or "500 MB" for millions), or as a number of bytes.' },
  );
}

/** For people: `512 B`, `1.5 KiB`, `213 MiB`. */
export function formatBytes(bytes: number): string {
  let amount = Math.max(0, bytes);
  let unit = 0;
  while (amount >= 1023.5 && unit < SHOWN_UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 || amount >= 99.95 ? Math.round(amount) : amount.toFixed(1)} ${SHOWN_UNITS[unit]}`;
}

function sizeOf(text: unknown): number | undefined {
  const [, amount, unit] = (typeof text === "string" ? SIZE.exec(text) : null) ?? [];
  const unitBytes = UNIT_BYTES.get(unit?.toLowerCase() ?? "");
  return unitBytes === undefined ? undefined : Number(amount) * unitBytes;
}
